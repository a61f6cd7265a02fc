#include "client/ctl/session.h"

#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "client/cpp/channel.h"
#include "client/cpp/terminal_text.h"

namespace harvest::ctl {
namespace {

volatile std::sig_atomic_t interrupts = 0;

void on_interrupt(int) {
  interrupts = 1;
}

}  // namespace

client::HarvestClient& Session::client() {
  if (client_ == nullptr) {
    if (const absl::Status status = open_client(); !status.ok()) {
      throw CLI::RuntimeError(fail(status));
    }
  }
  return *client_;
}

absl::Status Session::open_client() {
  if (!token_file.empty()) {
    auto token = client::read_token(token_file);
    if (!token.ok()) {
      return token.status();
    }
    access.token = *std::move(token);
  } else if (const char* token = std::getenv("HARVEST_TOKEN"); token != nullptr && *token != '\0') {
    if (const absl::Status status = client::check_token(token); !status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("HARVEST_TOKEN: ", status.message()));
    }
    access.token = token;
  }
  auto channel = client::dial(server, access);
  if (!channel.ok()) {
    return channel.status();
  }
  client_ = std::make_unique<client::HarvestClient>(*std::move(channel), server);
  return absl::OkStatus();
}

CLI::App& Session::command(CLI::App& parent, const std::string& name, const std::string& what,
                           const std::string& example, std::function<int()> run) {
  CLI::App& command = *parent.add_subcommand(name, what);
  command.fallthrough();  // --server and --json may stand behind the command
  command.footer(absl::StrCat("Example:\n  harvestctl ", example));
  if (run != nullptr) {
    command.callback([this, run = std::move(run)] { exit_code_ = run(); });
  } else {
    command.require_subcommand(1);
  }
  return command;
}

int Session::fail(const absl::Status& status) const {
  const std::string message = client::safe_text(std::string(status.message()), true);
  std::fprintf(stderr, "harvestctl: %s\n", message.empty() ? status.ToString().c_str() : message.c_str());
  return client::exit_code_of(status);
}

void Session::print_json(const google::protobuf::Message& message) const {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string line;
  // Fails for Any and timestamps alone, which no message of ours holds.
  const auto status = google::protobuf::util::MessageToJsonString(message, &line, options);
  if (!status.ok()) {
    std::fprintf(stderr, "harvestctl: cannot write JSON: %s\n", status.ToString().c_str());
    return;
  }
  std::printf("%s\n", client::safe_text(line).c_str());
  std::fflush(stdout);
}

void Session::print(const Table& table) const {
  table.print(stdout, client::is_terminal(STDOUT_FILENO));
}

void Session::say(const std::string& line) const {
  if (!json) {
    std::printf("%s\n", client::safe_text(line).c_str());
    std::fflush(stdout);
  }
}

void Session::print_facts(const std::vector<std::pair<std::string, std::string>>& facts) const {
  size_t width = 0;
  for (const auto& [name, value] : facts) {
    width = std::max(width, name.size());
  }
  for (const auto& [name, value] : facts) {
    if (!value.empty()) {
      std::printf("%-*s  %s\n", static_cast<int>(width), name.c_str(), client::safe_text(value).c_str());
    }
  }
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
  return interrupts != 0;
}

}  // namespace harvest::ctl

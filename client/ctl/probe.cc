#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <filesystem>
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"

namespace harvest::ctl {
namespace {

std::string yes(bool is) {
  return is ? "yes" : "no";
}

void show_probe(const Session& session, const v1::ProbeReply& reply) {
  session.print_facts({
      {"teacher", reply.teacher()},
      {"dialect",
       reply.profile().empty() ? reply.dialect() : absl::StrCat(reply.dialect(), ", profile ", reply.profile())},
      {"endpoint", reply.endpoint()},
      {"reachable", yes(reply.reachable())},
      {"TLS", yes(reply.tls())},
      {"authenticated", yes(reply.authenticated())},
      {"outcome", reply.outcome()},
      {"vendor's code", reply.vendor_code()},
      {"vendor's words", reply.message()},
      {"model", reply.model_reported()},
      {"answered by", reply.reachable() ? (reply.live() ? "the teacher itself" : "teachersim") : ""},
      {"took", absl::StrFormat("%.2f s in %d call%s", reply.seconds(), reply.calls(), reply.calls() == 1 ? "" : "s")},
      {"first token", reply.first_token_seconds() > 0 ? absl::StrFormat("%.2f s", reply.first_token_seconds()) : ""},
      {"cost", absl::StrCat("$", reply.cost_usd())},
  });
  const auto figure = [](int64_t value) { return value < 0 ? std::string("not told") : absl::StrCat(value); };
  for (const v1::ProbeReply::Limit& limit : reply.limits()) {
    session.say(absl::StrCat("limit  ", limit.dimension(), "  ", figure(limit.limit()), " a minute, remaining ",
                             figure(limit.remaining())));
  }
  for (const v1::ProbeReply::Capability& capability : reply.capabilities()) {
    session.say(absl::StrCat("can  ", capability.name(), "  ", capability.state(),
                             capability.note().empty() ? "" : "  ", capability.note()));
  }
}

/// Writes the exchange as golden cases; a file that is there is not replaced.
absl::Status keep(const v1::ProbeReply& reply, const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const std::string path = absl::StrCat(directory, "/", reply.teacher(), ".json");
  if (std::filesystem::exists(path)) {
    return absl::AlreadyExistsError(absl::StrCat(path, " is there already; expected a new file"));
  }
  std::ofstream file(path);
  file << reply.golden_case_json();
  file.close();
  if (!file) {
    return absl::UnavailableError(absl::StrCat(path, " cannot be written"));
  }
  return absl::OkStatus();
}

}  // namespace

void add_probe(CLI::App& teachers, Session& session) {
  struct Flags {
    std::string name, record;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App& command = session.command(
      teachers, "probe",
      "one cheap call, and a few more where the vendor rejects it (at most eight, none after 60 s): is it reachable, "
      "who "
      "answers, what can it do",
      "teachers probe qwen", [flags, &session] {
        const auto reply = session.client().probe_teacher(flags->name, !flags->record.empty());
        if (reply.ok() && !flags->record.empty()) {
          if (absl::Status kept = keep(*reply, flags->record); !kept.ok()) {
            return session.fail(kept);
          }
        }
        const int code = session.answer(reply, [&session](const v1::ProbeReply& shown) { show_probe(session, shown); });
        const bool answered = reply.ok() && (reply->outcome() == "answered" || reply->outcome() == "refused");
        return code != client::kOk || answered ? code : client::kOtherEndings;
      });
  command.add_option("TEACHER", flags->name, "the teacher's name")->required();
  command.add_option("--record", flags->record, "keep the exchange in this directory as golden cases, without the key");
}

}  // namespace harvest::ctl

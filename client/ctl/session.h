#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cpp/access.h"
#include "client/cpp/exit_code.h"
#include "client/cpp/harvest_client.h"
#include "client/ctl/table.h"

namespace CLI {
class App;
}

namespace harvest::ctl {

/// What every command shares: the global flags, the way to the daemon, how things are said and how the program ends.
///
/// Results go to standard output: JSON (one object a line) under --json, else a table or lines. Everything else goes to
/// standard error. Nothing that came from elsewhere reaches a terminal unescaped. One thread.
class Session {
 public:
  std::string server = "127.0.0.1:7070";
  bool json = false;
  client::Access access;   ///< its token is read when the first call needs it
  std::string token_file;  ///< empty: the token is in HARVEST_TOKEN, if there is one

  /// Ends the program with kUsage where what lets us in cannot be read.
  client::HarvestClient& client();

  /// Adds a command with its example; `run` is called when it was given, and says how the program ends.
  CLI::App& command(CLI::App& parent, const std::string& name, const std::string& what, const std::string& example,
                    std::function<int()> run = nullptr);
  /// How the given command ended.
  int exit_code() const { return exit_code_; }

  /// Says what is wrong on standard error; returns the exit code for it.
  int fail(const absl::Status& status) const;
  /// A message as one line of JSON, fields named as in the protos, all of them always there.
  void print_json(const google::protobuf::Message& message) const;
  void print(const Table& table) const;
  /// A line for people: not said under --json.
  void say(const std::string& line) const;
  /// "name  value" lines; empty values are left out.
  void print_facts(const std::vector<std::pair<std::string, std::string>>& facts) const;

  /// A reply, shown as JSON or by `show`; the exit code.
  template <typename Reply, typename Show>
  int answer(const absl::StatusOr<Reply>& reply, Show show) const {
    if (!reply.ok()) {
      return fail(reply.status());
    }
    json ? print_json(*reply) : show(*reply);
    return client::kOk;
  }

 private:
  absl::Status open_client();

  std::unique_ptr<client::HarvestClient> client_;
  int exit_code_ = client::kOk;
};

/// A first interrupt only asks to stop; a second ends the program.
void catch_interrupts();
bool interrupted();

}  // namespace harvest::ctl

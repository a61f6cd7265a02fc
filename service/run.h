#pragma once

#include <string>

#include "client/cpp/job_flags.h"
#include "service/signals.h"

namespace CLI {
class App;
}

namespace harvest {

/// `harvestd run`: the same store and code as the daemon, without ports. Submits its job through a channel inside the
/// process (or finds the one that the same command made before), shows its progress, publishes the dataset, names what
/// did not end in an answer. A signal stops it soundly; the same command goes on.
class RunCommand {
 public:
  explicit RunCommand(CLI::App& command);
  /// The exit code, as client/cpp/exit_code.h lists them.
  int execute(const std::string& config_path, const Signals& signals);

 private:
  client::JobFlags flags_;
  bool retry_failed_ = false;
};

}  // namespace harvest

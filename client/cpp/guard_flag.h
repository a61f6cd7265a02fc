#pragma once

#include <string>

#include "absl/status/status.h"
#include "harvest/v1/control.pb.h"
#include "harvest/v1/job.pb.h"

namespace CLI {
class App;
}

namespace harvest::client {

/// --guard: past which share of its last answers a job pauses, of `submit` and `run`, and of `jobs retune`.
///
///   --guard refused=20%,truncated=0.5,window=500      what is left out is not watched; parts as 20% or 0.2
///   --guard off                                       nothing is watched, whatever the configuration says
class GuardFlag {
 public:
  /// Must outlive the parsing.
  void add_to(CLI::App& command);
  bool any() const { return !written_.empty(); }

  /// What was given, in place of the guard that the message has. INVALID_ARGUMENT names the flag, what was found and
  /// what was expected. Whether the window can prove such shares, the service says.
  absl::Status put_on(v1::Job* job) const { return put(job); }
  absl::Status put_on(v1::RetuneJobRequest* request) const { return put(request); }

 private:
  template <typename Message>
  absl::Status put(Message* message) const;
  absl::Status read(v1::Guard* guard) const;

  std::string written_;
};

/// The guard as the flag writes it; empty where nothing is watched.
std::string guard_text(const v1::Guard& guard);

}  // namespace harvest::client

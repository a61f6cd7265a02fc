#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "harvest/v1/control.pb.h"
#include "harvest/v1/job.pb.h"

namespace CLI {
class App;
}

namespace harvest::client {

/// The flags that say what a job gets of its teachers: of `submit` and `run`, and of `jobs retune`.
class ShareFlags {
 public:
  /// Must outlive the parsing.
  void add_to(CLI::App& command);
  bool any() const { return weight_ || concurrency_ || hedge_ || !floors_.empty() || !ceilings_.empty(); }

  /// What was given; the rest stays. A floor or ceiling takes the place of all that the message says of that teacher.
  /// INVALID_ARGUMENT names the flag, what was found and what was expected.
  absl::Status put_on(v1::Job* job) const { return put(job); }
  absl::Status put_on(v1::RetuneJobRequest* request) const { return put(request); }

 private:
  template <typename Message>
  absl::Status put(Message* message) const;
  absl::Status read(std::vector<v1::TeacherShare>* shares) const;

  std::optional<double> weight_;
  std::optional<uint32_t> concurrency_;
  std::optional<double> hedge_;
  std::vector<std::string> floors_, ceilings_;
};

}  // namespace harvest::client

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cpp/guard_flag.h"
#include "client/cpp/share_flags.h"
#include "harvest/v1/job.pb.h"

namespace CLI {
class App;
}

namespace harvest::client {

/// The flags that say what a job is: the same for `harvestctl submit` and `harvestd run`. With --job a YAML file (the
/// Job message) says it, and flags go on top of it, field by field.
///
///   JobFlags flags;
///   flags.add_to(*app.add_subcommand("run"));
///   ... CLI11_PARSE ...
///   auto job = flags.job();
class JobFlags {
 public:
  /// Must outlive the parsing.
  void add_to(CLI::App& command);

  /// The job as stated, or INVALID_ARGUMENT with everything that is wrong or missing: teachers, purpose (stated, never
  /// defaulted), prompts. A dataset that is not named is `default`. Reads the file of --job and no prompts.
  absl::StatusOr<v1::Job> job() const;

 private:
  absl::Status read_file(v1::Job* job) const;
  absl::Status put_on_top(v1::Job* job) const;

  std::string job_file_;
  std::vector<std::string> teachers_;
  std::string purpose_;
  std::string dataset_;
  std::string template_;
  std::string system_;
  std::optional<uint32_t> samples_;
  std::string until_;
  std::optional<uint32_t> max_output_;
  std::optional<double> temperature_;
  std::string ask_, route_;
  std::string max_cost_;
  std::string deadline_;
  bool fresh_ = false;
  std::string max_age_;
  std::string priority_;
  std::string student_;
  bool distributed_ = false;
  bool competes_ = false;
  std::string prompt_source_;
  std::string prompt_source_licence_;
  std::string customer_;
  std::string on_bad_line_;
  std::string personal_data_;
  std::string name_;
  ShareFlags share_;
  GuardFlag guard_;
  std::vector<std::string> prompts_;
  std::string where_;
};

}  // namespace harvest::client

#include "service/flow/share_checks.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/config/weight.h"

namespace harvest::flow {

namespace {

/// Floors of several jobs may reach this together: beyond it they are scaled down (schedule/share.h).
constexpr double kFloorMax = 0.99;
/// Second calls are for the slowest answers; past this they would be another way to pay twice.
constexpr double kHedgeMax = 0.1;

absl::Status wrong(const std::string& field, const std::string& found, const std::string& expected) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": found ", found, ", expected ", expected));
}

absl::Status check_ceiling(const std::string& path, const v1::Limits& ceiling) {
  v1::Limits beside = ceiling;
  beside.clear_requests_per_minute();
  beside.clear_input_tokens_per_minute();
  beside.clear_output_tokens_per_minute();
  beside.clear_tokens_per_minute();
  beside.clear_concurrency();
  if (beside.ByteSizeLong() > 0)
    return wrong(
        path, "more than a job's ceiling can bound",
        "requests_per_minute, input_tokens_per_minute, output_tokens_per_minute, tokens_per_minute or concurrency");
  const auto zero = [](bool stated, uint64_t value) { return stated && value == 0; };
  if (zero(ceiling.has_requests_per_minute(), ceiling.requests_per_minute()) ||
      zero(ceiling.has_input_tokens_per_minute(), ceiling.input_tokens_per_minute()) ||
      zero(ceiling.has_output_tokens_per_minute(), ceiling.output_tokens_per_minute()) ||
      zero(ceiling.has_tokens_per_minute(), ceiling.tokens_per_minute()) ||
      zero(ceiling.has_concurrency(), ceiling.concurrency()))
    return wrong(path, "0", "at least 1 (`harvestctl jobs pause` stops a job)");
  return absl::OkStatus();
}

}  // namespace

absl::Status check_shares(const v1::Job& job) {
  if (!v1::Priority_IsValid(job.priority()))
    return wrong("priority", absl::StrCat(job.priority()), "low, normal or high");
  if (!config::is_weight(job.weight()))
    return wrong("weight", absl::StrCat(job.weight()),
                 absl::StrCat("a number from ", config::kWeightMin, " to ", config::kWeightMax, ", or 0 for 1"));
  if (!std::isfinite(job.hedge_ratio_max()) || job.hedge_ratio_max() < 0 || job.hedge_ratio_max() > kHedgeMax)
    return wrong("hedge_ratio_max", absl::StrCat(job.hedge_ratio_max()), absl::StrCat("0 to ", kHedgeMax));
  std::set<std::string> named;
  for (int i = 0; i < job.shares_size(); ++i) {
    const v1::TeacherShare& share = job.shares(i);
    const std::string path = absl::StrCat("shares[", i, "]");
    if (std::find(job.teachers().begin(), job.teachers().end(), share.teacher()) == job.teachers().end())
      return wrong(absl::StrCat(path, ".teacher"), share.teacher().empty() ? "none" : share.teacher(),
                   absl::StrCat("one of the job's: ", absl::StrJoin(job.teachers(), ", ")));
    if (!named.insert(share.teacher()).second)
      return wrong(absl::StrCat(path, ".teacher"), absl::StrCat(share.teacher(), " a second time"),
                   "each teacher once");
    if (!std::isfinite(share.floor()) || share.floor() < 0 || share.floor() > kFloorMax)
      return wrong(absl::StrCat(path, ".floor"), absl::StrCat(share.floor()), absl::StrCat("0 to ", kFloorMax));
    if (absl::Status status = check_ceiling(absl::StrCat(path, ".ceiling"), share.ceiling()); !status.ok())
      return status;
  }
  return absl::OkStatus();
}

}  // namespace harvest::flow

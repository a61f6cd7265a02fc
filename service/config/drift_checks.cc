#include "service/config/drift_checks.h"

#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace harvest::config {

namespace {

constexpr int kCanariesMax = 20;
constexpr uint32_t kMinutesMax = 7 * 24 * 60;  // less often than once a week tells nothing in time
constexpr uint32_t kCanaryTokensMax = 4096;

}  // namespace

void check_drift(const v1::DriftWatch& watch, const Complain& complain) {
  if (watch.canaries_size() > kCanariesMax)
    complain("canaries", absl::StrCat("found ", watch.canaries_size(), ", expected at most ", kCanariesMax,
                                      ": each is paid for in every round"));
  std::set<std::string> known;
  for (int i = 0; i < watch.canaries_size(); ++i) {
    const std::string field = absl::StrCat("canaries[", i, "]");
    if (absl::StripAsciiWhitespace(watch.canaries(i)).empty())
      complain(field, "found an empty one, expected a prompt");
    else if (!known.insert(watch.canaries(i)).second)
      complain(field, "found a second time, expected each prompt once");
  }
  if (watch.every_minutes() > kMinutesMax)
    complain("every_minutes",
             absl::StrCat("found ", watch.every_minutes(), ", expected 1 to ", kMinutesMax, " (left out: 60)"));
  if (watch.max_output_tokens() > kCanaryTokensMax)
    complain("max_output_tokens", absl::StrCat("found ", watch.max_output_tokens(), ", expected at most ",
                                               kCanaryTokensMax, " (left out: 64)"));
}

}  // namespace harvest::config

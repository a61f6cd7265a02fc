#include "service/config/guard_checks.h"

#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace harvest::config {

namespace {

constexpr uint32_t kWindowMin = 20, kWindowMax = 100'000, kWindow = 200;  // the last where none is stated
constexpr double kDoubt = 16;                                             // z² of the interval that must lie above

}  // namespace

double provable_share(uint32_t answers) {
  return answers / (answers + kDoubt);
}

void check_guard(const v1::Guard& guard, const Complain& complain) {
  const uint32_t stated = guard.window_answers();
  const uint32_t window = stated == 0 ? kWindow : stated;
  if (window < kWindowMin || window > kWindowMax)
    complain("window_answers", absl::StrCat("found ", stated, ", expected ", kWindowMin, " to ", kWindowMax));
  const std::pair<const char*, double> shares[] = {{"refused_max", guard.refused_max()},
                                                   {"truncated_max", guard.truncated_max()},
                                                   {"empty_max", guard.empty_max()},
                                                   {"duplicate_max", guard.duplicate_max()}};
  for (const auto& [field, share] : shares) {
    if (!std::isfinite(share) || share < 0 || share > 1)
      complain(field, absl::StrCat("found ", share, ", expected a share from 0 (not watched) to 1"));
    else if (share == 1)
      complain(field, "found 1, expected less: more than all answers cannot be so");
    else if (const double needed = kDoubt * share / (1 - share); window >= kWindowMin && needed >= window)
      complain(field, absl::StrCat("found ", share, ", which ", window,
                                   " answers cannot prove; expected less, or window_answers of at least ",
                                   std::ceil(needed) + 1));
  }
}

}  // namespace harvest::config

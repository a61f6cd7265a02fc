#include "proto/text/age.h"

#include <charconv>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "proto/text/mistake.h"

namespace harvest::text {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
constexpr int kDaysMax = 36525;

/// Takes "7d" from the front: a unit that absl's durations do not know.
absl::Duration take_days(std::string_view& age) {
  int days = 0;
  const auto [stop, error] = std::from_chars(age.data(), age.data() + age.size(), days);
  const auto digits = static_cast<size_t>(stop - age.data());
  if (error != std::errc() || digits == age.size() || age[digits] != 'd' || days < 0) return absl::ZeroDuration();
  age.remove_prefix(digits + 1);
  return days * kDay;
}

}  // namespace

absl::StatusOr<int64_t> parse_age(std::string_view age) {
  std::string_view rest = age;
  const absl::Duration days = take_days(rest);
  absl::Duration hours;
  const bool whole_days = rest.empty() && !age.empty();
  if ((whole_days || absl::ParseDuration({rest.data(), rest.size()}, &hours)) && hours >= absl::ZeroDuration()) {
    const absl::Duration sum = days + hours;
    if (sum >= absl::Microseconds(1) && sum <= kDaysMax * kDay) return absl::ToInt64Microseconds(sum);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("found ", shown(std::string(age)), ", expected an age like 12h, 7d or 1d12h"));
}

}  // namespace harvest::text

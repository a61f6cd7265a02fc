#include "proto/text/time.h"

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "proto/text/mistake.h"

namespace harvest::text {
namespace {

constexpr int64_t kMicrosecondsPerDay = 86'400'000'000;
constexpr size_t kDayBytes = 10;

absl::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

std::string format_utc(int64_t utc_us) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", absl::FromUnixMicros(utc_us), absl::UTCTimeZone());
}

absl::StatusOr<int64_t> parse_utc(std::string_view rfc3339) {
  absl::Time time;
  std::string error;
  const bool shaped = rfc3339.size() > kDayBytes && (rfc3339[kDayBytes] == 'T' || rfc3339[kDayBytes] == 't');
  if (!shaped || !absl::ParseTime(absl::RFC3339_full, view(rfc3339), &time, &error) || time < absl::UnixEpoch()) {
    return absl::InvalidArgumentError(
        absl::StrCat("found ", shown(std::string(rfc3339)), ", expected a time like 2026-11-20T09:30:00Z"));
  }
  return absl::ToUnixMicros(time);
}

int64_t day_of(int64_t utc_us) {
  const int64_t day = utc_us / kMicrosecondsPerDay;
  return utc_us % kMicrosecondsPerDay < 0 ? day - 1 : day;
}

std::string format_day(int64_t day) {
  return absl::FormatCivilTime(absl::CivilDay(1970, 1, 1) + day);
}

absl::StatusOr<int64_t> parse_day(std::string_view yyyy_mm_dd) {
  absl::CivilDay day;
  // FormatCivilTime gives the one spelling back: so 2026-1-2 or a trailing blank is not taken for a day.
  if (yyyy_mm_dd.size() != kDayBytes || !absl::ParseCivilTime(view(yyyy_mm_dd), &day) ||
      absl::FormatCivilTime(day) != view(yyyy_mm_dd)) {
    return absl::InvalidArgumentError(
        absl::StrCat("found ", shown(std::string(yyyy_mm_dd)), ", expected a day like 2026-11-20"));
  }
  return day - absl::CivilDay(1970, 1, 1);
}

}  // namespace harvest::text

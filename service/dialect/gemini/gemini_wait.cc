#include "service/dialect/gemini/gemini_wait.h"

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "proto/text/zone.h"
#include "service/dialect/gemini/gemini_errors.h"
#include "service/dialect/json_body.h"
#include "service/dialect/limit_headers.h"

namespace harvest::dialect {
std::chrono::nanoseconds until_pacific_midnight(int64_t utc_us) {
  static const absl::TimeZone california = text::zone_of(text::kCalifornia);
  const absl::Time now = absl::FromUnixMicros(utc_us);
  const absl::CivilDay tomorrow = absl::ToCivilDay(now, california) + 1;
  return absl::ToChronoNanoseconds(absl::FromCivil(tomorrow, california) - now);
}

std::optional<std::chrono::nanoseconds> gemini_wait(const HttpExchange& exchange, int64_t utc_us) {
  const auto header = retry_after(exchange, utc_us);
  if (exchange.status != 429 && exchange.status != 503) return header;
  const JsonBody body(unwrapped(exchange.body));
  if (!body.is_object()) return header;
  const GeminiError error = read_gemini_error(body.object());
  if (error.per_day) return until_pacific_midnight(utc_us);
  return header ? header : error.retry_delay;
}

}  // namespace harvest::dialect

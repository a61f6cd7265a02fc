#include "service/dialect/limit_headers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "absl/time/time.h"
#include "service/dialect/ascii.h"

namespace harvest::dialect {
namespace {

using std::chrono::nanoseconds;

constexpr double kWaitSecondsMax = 24 * 3600;

nanoseconds from_seconds(double seconds) {
  return nanoseconds(static_cast<int64_t>(std::clamp(seconds, 0.0, kWaitSecondsMax) * 1e9));
}

struct Unit {
  std::string_view name;
  double seconds;
};
// Longer names first: "ms" must not be read as "m" followed by rubbish.
constexpr std::array<Unit, 7> kUnits{
    {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};

std::optional<double> parse_duration_seconds(std::string_view text) {
  double sum = 0;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    const auto unit = std::find_if(kUnits.begin(), kUnits.end(),
                                   [&](const Unit& candidate) { return text.starts_with(candidate.name); });
    if (unit == kUnits.end()) return std::nullopt;
    sum += number * unit->seconds;
    text.remove_prefix(unit->name.size());
  }
  return sum;
}

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

double until(absl::Time time, int64_t utc_us) {
  return absl::ToDoubleSeconds(time - absl::FromUnixMicros(utc_us));
}

std::optional<nanoseconds> parse_http_date(std::string_view text, int64_t utc_us) {
  // RFC 9110, 5.6.7: the preferred form and the two that old servers still send.
  for (const char* format : {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    absl::Time time;
    if (absl::ParseTime(format, absl::string_view(text.data(), text.size()), &time, nullptr))
      return from_seconds(until(time, utc_us));
  }
  return std::nullopt;
}

std::optional<int64_t> parse_count(std::string_view text) {
  std::string digits(text);
  std::erase(digits, ',');  // "30,000" has been seen
  const auto number = parse_number(ascii::trimmed(digits));
  // -1 is "no such limit" (Azure), and more than 1e15 is nobody's.
  if (!number || *number < 0 || *number > 1e15) return std::nullopt;
  return static_cast<int64_t>(*number);
}

enum class Field : uint8_t { kLimit, kRemaining, kReset };

struct Name {
  std::string_view dimension;  // what follows the field's name in the header
  LimitWindow Outcome::*window;
  MetLimit limit;
};
// The plain figure (OpenRouter, Together) comes last, so that a named one goes before it where neither is tighter.
constexpr std::array<Name, 9> kDimensions{{{"-requests", &Outcome::requests, MetLimit::kRequests},
                                           {"-tokens", &Outcome::input_tokens, MetLimit::kInputTokens},
                                           {"-project-tokens", &Outcome::input_tokens, MetLimit::kInputTokens},
                                           {"-tokens-minute", &Outcome::input_tokens, MetLimit::kInputTokens},
                                           {"-tokens-second", &Outcome::input_tokens, MetLimit::kInputTokens},
                                           {"-input-tokens", &Outcome::input_tokens, MetLimit::kInputTokens},
                                           {"-output-tokens", &Outcome::output_tokens, MetLimit::kOutputTokens},
                                           {"-requests-minute", &Outcome::requests, MetLimit::kRequests},
                                           {"", &Outcome::requests, MetLimit::kRequests}}};
constexpr size_t kRequests = 0, kTokens = 1, kTokensOfSecond = 4, kInputTokens = 5, kUnnamed = 8;  // of kDimensions

/// A minute's limit is full again within a minute, of clocks that agree. What takes longer is a day's, as OpenAI's is
/// for small accounts.
constexpr nanoseconds kMinuteMax = std::chrono::minutes(2);

LimitUnit unit_of(size_t dimension, const LimitWindow& window, LimitUnits units) {
  if (dimension == kTokensOfSecond) return LimitUnit::kSecond;
  if (dimension == kUnnamed) return units.unnamed;
  if (dimension != kRequests) return LimitUnit::kMinute;
  const bool longer = window.reset_in && *window.reset_in > kMinuteMax;
  return units.requests == LimitUnit::kMinute && longer ? LimitUnit::kDay : units.requests;
}

/// As of a minute. What is left of a second tells nothing of the minute.
LimitWindow per_minute(const LimitWindow& window, LimitUnit unit) {
  if (unit == LimitUnit::kMinute) return window;
  if (unit == LimitUnit::kSecond && window.limit) return {.limit = *window.limit * 60, .remaining = {}, .reset_in = {}};
  return {};
}

bool tighter(const LimitWindow& a, const LimitWindow& b) {
  if (a.remaining && b.remaining) return *a.remaining < *b.remaining;
  return a.remaining.has_value() && !b.remaining.has_value();
}

void set_field(LimitWindow& window, Field field, std::string_view value, int64_t utc_us) {
  if (field == Field::kLimit) window.limit = parse_count(value);
  if (field == Field::kRemaining) window.remaining = parse_count(value);
  if (field == Field::kReset) window.reset_in = parse_reset(value, utc_us);
}

/// Takes the field's name off the front of `rest`.
std::optional<Field> consume_field(std::string_view& rest) {
  if (ascii::consume(rest, "limit")) return Field::kLimit;
  if (ascii::consume(rest, "remaining")) return Field::kRemaining;
  if (ascii::consume(rest, "reset")) return Field::kReset;
  return std::nullopt;
}

/// Which field of which dimension a header states; `rest` becomes the dimension as kDimensions spells it.
std::optional<Field> read_name(std::string_view name, std::string_view& rest) {
  rest = name;
  if (ascii::consume(rest, "anthropic-ratelimit-")) {  // the dimension goes first
    const size_t dash = rest.rfind('-');
    if (dash == std::string_view::npos) return std::nullopt;
    std::string_view word = rest.substr(dash + 1);
    rest = name.substr(std::string_view("anthropic-ratelimit").size(), dash + 1);
    const auto field = consume_field(word);
    return word.empty() ? field : std::nullopt;
  }
  const bool of_second = ascii::consume(rest, "x-tokenlimit-");  // Together
  const bool tokens_only =
      of_second || ascii::consume(rest, "ratelimitbysize-") || ascii::consume(rest, "x-ratelimitbysize-");  // Mistral
  if (!tokens_only && !ascii::consume(rest, "x-ratelimit-")) return std::nullopt;
  const auto field = consume_field(rest);
  if (tokens_only && (rest.empty() || rest == "-minute")) rest = of_second ? "-tokens-second" : "-tokens";
  return field;
}

bool is_known(const LimitWindow& window) {
  return window.limit || window.remaining || window.reset_in;
}

}  // namespace

std::optional<nanoseconds> parse_reset(std::string_view text, int64_t utc_us) {
  text = ascii::trimmed(text);
  if (text.empty()) return std::nullopt;
  if (const auto number = parse_number(text)) {
    const double now = static_cast<double>(utc_us) / 1e6;
    if (*number > 1e12) return from_seconds(*number / 1e3 - now);
    if (*number > 1e9) return from_seconds(*number - now);
    return from_seconds(*number);
  }
  if (const auto seconds = parse_duration_seconds(text)) return from_seconds(*seconds);
  absl::Time time;
  if (absl::ParseTime(absl::RFC3339_full, absl::string_view(text.data(), text.size()), &time, nullptr))
    return from_seconds(until(time, utc_us));
  return std::nullopt;
}

std::optional<nanoseconds> retry_after(const HttpExchange& exchange, int64_t utc_us) {
  const std::string_view ms = ascii::trimmed(exchange.header("retry-after-ms"));
  if (const auto number = parse_number(ms)) return from_seconds(*number / 1e3);
  const std::string_view text = ascii::trimmed(exchange.header("retry-after"));
  if (text.empty()) return std::nullopt;
  if (const auto reset = parse_reset(text, utc_us)) return reset;
  return parse_http_date(text, utc_us);
}

void read_limits(const Headers& headers, int64_t utc_us, LimitUnits units, Outcome& outcome) {
  std::array<LimitWindow, kDimensions.size()> found;
  bool joint_repeats = false;
  for (const auto& [name, value] : headers) {
    std::string_view dimension;
    const auto field = read_name(name, dimension);
    if (!field) continue;
    joint_repeats |= name.starts_with("anthropic-");
    for (size_t i = 0; i < kDimensions.size(); ++i)
      if (dimension == kDimensions[i].dimension) set_field(found[i], *field, value, utc_us);
  }
  // Beside Anthropic's limits on input, its joint figure repeats whichever is tightest, be it of output.
  if (joint_repeats && is_known(found[kInputTokens])) found[kTokens] = {};
  for (size_t i = 0; i < kDimensions.size(); ++i) {
    if (!is_known(found[i])) continue;
    const LimitUnit unit = unit_of(i, found[i], units);
    if (outcome.kind == v1::THROTTLED && outcome.met_limit == MetLimit::kUnknown && found[i].remaining == 0)
      outcome.met_limit = i == kRequests && unit == LimitUnit::kDay ? MetLimit::kRequestsPerDay : kDimensions[i].limit;
    // A router's figure counts to the moment at which it counts anew.
    if (outcome.kind == v1::THROTTLED && i == kUnnamed && found[i].remaining == 0 && !outcome.retry_after)
      outcome.retry_after = found[i].reset_in;
    const LimitWindow window = per_minute(found[i], unit);
    if (!is_known(window)) continue;
    LimitWindow& known = outcome.*kDimensions[i].window;
    if (!is_known(known) || tighter(window, known)) known = window;
  }
}

}  // namespace harvest::dialect

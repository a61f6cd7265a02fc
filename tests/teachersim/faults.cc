#include "tests/teachersim/faults.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace teachersim {
namespace {

constexpr std::array<std::pair<std::string_view, Mischief>, 16> kWords = {{
    {"refuse", Mischief::kRefuse},
    {"slow", Mischief::kSlow},
    {"reset", Mischief::kReset},
    {"vanish", Mischief::kVanish},
    {"truncate", Mischief::kTruncate},
    {"cut", Mischief::kCut},
    {"stall", Mischief::kStall},
    {"garbage", Mischief::kGarbage},
    {"html", Mischief::kHtml},
    {"error-in-200", Mischief::kErrorIn200},
    {"empty", Mischief::kEmpty},
    {"empty-choices", Mischief::kEmptyChoices},
    {"no-usage", Mischief::kNoUsage},
    {"bad-utf8", Mischief::kBadUtf8},
    {"deep-json", Mischief::kDeepJson},
    {"redirect", Mischief::kRedirect},
}};

bool read_number(std::string_view text, int& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Fault draw_fault(const FaultRates& rates, Draw& draw) {
  double point = draw.share();
  auto falls_in = [&point](double rate) {
    if (point < rate) return true;
    point -= rate;
    return false;
  };
  if (falls_in(rates.error)) {
    static constexpr int kStatuses[] = {500, 502, 503};
    return {Mischief::kStatus, kStatuses[draw.below(3)]};
  }
  if (falls_in(rates.reset)) return {Mischief::kReset};
  if (falls_in(rates.vanish)) return {Mischief::kVanish};
  if (falls_in(rates.stall)) return {Mischief::kStall};
  if (falls_in(rates.garbage)) return {draw.below(2) == 0 ? Mischief::kGarbage : Mischief::kHtml};
  if (falls_in(rates.error_in_200)) return {Mischief::kErrorIn200};
  if (falls_in(rates.refusal)) return {Mischief::kRefuse};
  return {};
}

std::optional<Marker> find_marker(std::string_view prompt) {
  constexpr std::string_view kOpening = "[sim:";
  const std::size_t begin = prompt.find(kOpening);
  if (begin == std::string_view::npos) return std::nullopt;
  std::string_view word = prompt.substr(begin + kOpening.size());
  const std::size_t end = word.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  word = word.substr(0, end);

  Marker marker;
  if (const std::size_t star = word.find('*'); star != std::string_view::npos) {
    if (!read_number(word.substr(star + 1), marker.times) || marker.times < 1) return std::nullopt;
    word = word.substr(0, star);
  }
  if (const std::size_t colon = word.find(':'); colon != std::string_view::npos) {
    marker.fault.code = word.substr(colon + 1);
    word = word.substr(0, colon);
  }
  const auto known = std::find_if(kWords.begin(), kWords.end(), [&](const auto& entry) { return entry.first == word; });
  if (known != kWords.end()) {
    marker.fault.kind = known->second;
    return marker;
  }
  if (!read_number(word, marker.fault.status) || marker.fault.status < 400 || marker.fault.status > 599)
    return std::nullopt;
  marker.fault.kind = Mischief::kStatus;
  return marker;
}

std::string_view name_of(Mischief kind) {
  const auto known =
      std::find_if(kWords.begin(), kWords.end(), [&](const auto& entry) { return entry.second == kind; });
  if (known != kWords.end()) return known->first;
  return kind == Mischief::kStatus ? "status" : "none";
}

std::string name_of(const Fault& fault) {
  return fault.kind == Mischief::kStatus ? std::to_string(fault.status) : std::string(name_of(fault.kind));
}

bool is_billed(Mischief kind) {
  switch (kind) {
    case Mischief::kNone:
    case Mischief::kRefuse:
    case Mischief::kSlow:
    case Mischief::kReset:
    case Mischief::kVanish:
    case Mischief::kTruncate:
    case Mischief::kCut:
    case Mischief::kNoUsage:
    case Mischief::kBadUtf8:
      return true;
    default:
      return false;
  }
}

limits::Time draw_latency(const Latency& latency, Draw& draw) {
  auto length = static_cast<double>(latency.base.count());
  if (latency.sigma > 0) length *= std::exp(latency.sigma * draw.normal());
  length += draw.share() * static_cast<double>(latency.jitter.count());
  constexpr double kLongest = 24.0 * 3600 * 1e9;  // a wild sigma must not overflow
  return limits::Time(static_cast<limits::Time::rep>(std::min(length, kLongest)));
}

bool is_dead(const std::vector<DeadTime>& times, int endpoint, limits::Time now) {
  return std::any_of(times.begin(), times.end(), [&](const DeadTime& time) {
    return now >= time.from && now < time.until && (time.endpoint < 0 || time.endpoint == endpoint);
  });
}

}  // namespace teachersim

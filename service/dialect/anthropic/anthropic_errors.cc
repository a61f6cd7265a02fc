#include "service/dialect/anthropic/anthropic_errors.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/time/time.h"
#include "service/dialect/ascii.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/vendor_error.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;
using namespace verdict;

constexpr std::string_view kInvalid = "invalid_request_error";
constexpr std::string_view kSpendLimit = "enforced_spend_limit_reached";

constexpr std::array<CodeRule, 11> kTypes{{
    {kInvalid, kRejected},
    {"request_too_large", kRejected},
    {"authentication_error", kAccess},
    {"permission_error", kAccess},
    {"billing_error", kBilling},
    {"not_found_error", kModel},
    {"rate_limit_error", kThrottled},
    {"conflict_error", kFaulted},
    {"timeout_error", kFaulted},
    {"api_error", kFaulted},
    {"overloaded_error", kOverloaded},
}};

/// What an invalid request really is, where only its words tell. That we were thrown out may come as any error about
/// access, too.
struct WordRule {
  std::string_view words;
  Verdict verdict;
  bool cut_off = false;  ///< the vendor has thrown us out
};
constexpr std::array<WordRule, 5> kErrorWords{{
    {"credit balance is too low", kBilling},
    {"reached your specified API usage limits", kBilling},
    {"reached your specified workspace API usage limits", kBilling},
    {"organization has been disabled", kAccess, true},
    {"blocked by content filtering policy", kRefused},
}};

struct AnthropicError {
  VendorError error;
  std::string request_id;
};

AnthropicError read_error(const dom::object& root) {
  AnthropicError read{.error = read_vendor_error(root), .request_id = std::string(string_at(root, "request_id"))};
  dom::object error, details;
  if (object_at(root, "error", error) && object_at(error, "details", details))
    if (const std::string_view code = string_at(details, "error_code"); !code.empty())
      read.error.code = code.substr(0, kVendorCodeBytesMax);
  return read;
}

const WordRule* find_words(const VendorError& error) {
  const bool invalid = error.type == kInvalid;
  const bool access = error.type == "permission_error" || error.type == "authentication_error";
  const auto rule = std::find_if(kErrorWords.begin(), kErrorWords.end(), [&](const WordRule& candidate) {
    return (invalid || (access && candidate.cut_off)) && ascii::contains_ignoring_case(error.message, candidate.words);
  });
  return rule == kErrorWords.end() ? nullptr : &*rule;
}

/// What the type says without a status, or beside one: types of the gravest kind go before it.
Verdict classify(std::optional<int> status, const VendorError& error, bool waits) {
  if (error.code == kSpendLimit) return kBilling;
  const CodeRule* rule = find_rule(kTypes, error.type);
  if (!status) return rule != nullptr ? rule->verdict : kFaulted;
  if (rule != nullptr && (rule->verdict.kind == v1::HALTED || rule->verdict.kind == v1::THROTTLED))
    return rule->verdict;
  return status_verdict(*status, error.message, waits);
}

Outcome make_outcome(std::optional<int> status, AnthropicError read, bool waits) {
  const VendorError& error = read.error;
  const WordRule* words = find_words(error);
  const Verdict verdict = words != nullptr ? words->verdict : classify(status, error, waits);
  Outcome outcome = make_failure(verdict, error.name(status.value_or(500)), error.message);
  if (words != nullptr && words->cut_off) outcome.rights_alert = outcome.message;
  outcome.request_id = vendor_words(read.request_id, kVendorCodeBytesMax);
  return outcome;
}

}  // namespace

Outcome read_anthropic_failure(int status, const JsonBody& body, bool waits) {
  if (body.is_object()) return make_outcome(status, read_error(body.object()), waits);
  return make_outcome(status, {.error = read_vendor_error(body.text()), .request_id = {}}, waits);
}

Outcome embedded_anthropic_error(const dom::object& root, bool waits) {
  return make_outcome(std::nullopt, read_error(root), waits);
}

std::optional<std::chrono::nanoseconds> spend_limit_end(const HttpExchange& exchange, int64_t utc_us) {
  constexpr std::string_view kBefore = "regain access on ";
  constexpr size_t kDateBytes = std::string_view("2026-12-01 at 00:00").size();
  constexpr int64_t kSecondsMax = 366 * int64_t{86400};
  if (exchange.status < 400 || exchange.status >= 500) return std::nullopt;
  const std::string_view body = exchange.body;
  const size_t begin = body.find(kBefore);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view date = body.substr(begin + kBefore.size(), kDateBytes);
  absl::Time time;
  if (!absl::ParseTime("%Y-%m-%d at %H:%M", absl::string_view(date.data(), date.size()), &time, nullptr))
    return std::nullopt;
  const int64_t seconds = absl::ToInt64Seconds(time - absl::FromUnixMicros(utc_us));
  return std::chrono::seconds(std::clamp<int64_t>(seconds, 0, kSecondsMax));
}

}  // namespace harvest::dialect

#include "service/dialect/gemini/gemini_errors.h"

#include <array>
#include <utility>

#include "service/dialect/ascii.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/gemini/rpc_code.h"
#include "service/dialect/limit_headers.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;
using namespace verdict;

/// ErrorInfo's reasons. They go before the status: a wrong key is a 400.
constexpr std::array<CodeRule, 11> kReasons{{
    {"API_KEY_INVALID", kAccess},
    {"API_KEY_SERVICE_BLOCKED", kAccess},
    {"API_KEY_HTTP_REFERRER_BLOCKED", kAccess},
    {"API_KEY_IP_ADDRESS_BLOCKED", kAccess},
    {"SERVICE_DISABLED", kAccess},
    {"CONSUMER_INVALID", kAccess},
    {"CONSUMER_SUSPENDED", kAccess},
    {"ACCESS_TOKEN_EXPIRED", kAccess},
    {"BILLING_DISABLED", kBilling},
    {"BILLING_NOT_ACTIVE", kBilling},
    {"RATE_LIMIT_EXCEEDED", kThrottled},
}};

/// "limit: 0", and not "limit: 0.5" or "limit: 05".
bool says_no_quota(std::string_view message) {
  constexpr std::string_view kWords = "limit: 0";
  for (size_t at = message.find(kWords); at != std::string_view::npos; at = message.find(kWords, at + 1)) {
    const std::string_view rest = message.substr(at + kWords.size());
    const bool fraction = rest.size() > 1 && rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9';
    const bool longer = !rest.empty() && rest[0] >= '0' && rest[0] <= '9';
    if (!fraction && !longer) return true;
  }
  return false;
}

/// A cap that its owner set, or what was paid ahead. (A limit of spending per minutes is a rate, and passes.)
bool money_is_gone(std::string_view message) {
  return ascii::contains_ignoring_case(message, "spending cap") ||
         ascii::contains_ignoring_case(message, "credits are depleted");
}

/// GenerateRequestsPerDayPerProjectPerModel-FreeTier, GenerateContentInputTokensPerModelPerMinute
MetLimit limit_of(std::string_view quota) {
  const auto names = [&](std::string_view word) { return quota.find(word) != std::string_view::npos; };
  if (names("Token")) return names("Output") ? MetLimit::kOutputTokens : MetLimit::kInputTokens;
  if (!names("Requests")) return MetLimit::kUnknown;
  return names("PerDay") ? MetLimit::kRequestsPerDay : MetLimit::kRequests;
}

void read_detail(const dom::object& detail, GeminiError& error) {
  if (const std::string_view reason = string_at(detail, "reason"); error.reason.empty()) error.reason = reason;
  // Its duration is not relative to any clock of ours.
  if (const std::string_view delay = string_at(detail, "retryDelay"); delay.ends_with('s'))
    error.retry_delay = parse_reset(delay, 0);
  dom::array violations;
  if (detail.at_key("violations").get(violations) != simdjson::SUCCESS) return;
  for (const dom::element element : violations) {
    dom::object violation;
    if (element.get(violation) != simdjson::SUCCESS) continue;
    const std::string_view quota = string_at(violation, "quotaId");
    error.per_day |= quota.find("PerDay") != std::string_view::npos;
    if (error.met_limit == MetLimit::kUnknown) error.met_limit = limit_of(quota);
    error.no_quota |= string_at(violation, "quotaValue") == "0";
  }
}

Verdict classify(int status, const GeminiError& error, bool waits) {
  // Before its reason, which says no more than that a limit was met.
  if (status == 429 && (error.no_quota || money_is_gone(error.message))) return kBilling;
  if (const CodeRule* rule = find_rule(kReasons, error.reason)) return rule->verdict;
  if (error.status == "FAILED_PRECONDITION") {
    if (ascii::contains_ignoring_case(error.message, "location is not supported")) return kAccess;
    if (ascii::contains_ignoring_case(error.message, "billing")) return kBilling;
  }
  return status_verdict(status, error.message, waits);
}

/// Access that was there and is taken away.
bool cut_off(const GeminiError& error) {
  return error.reason == "CONSUMER_SUSPENDED" || ascii::contains_ignoring_case(error.message, "been denied access") ||
         ascii::contains_ignoring_case(error.message, "has been suspended");
}

}  // namespace

GeminiError read_gemini_error(const dom::object& body) {
  GeminiError error;
  dom::object stated;
  if (!object_at(body, "error", stated)) {
    error.message = string_at(body, "error");
    if (error.message.empty()) error.message = string_at(body, "message");
    return error;
  }
  if (int64_t number = 0; stated.at_key("code").get(number) == simdjson::SUCCESS && number >= 400 && number < 600)
    error.number = static_cast<int>(number);
  error.status = string_at(stated, "status");
  error.message = string_at(stated, "message");
  if (dom::array details; stated.at_key("details").get(details) == simdjson::SUCCESS)
    for (const dom::element element : details)
      if (dom::object detail; element.get(detail) == simdjson::SUCCESS) read_detail(detail, error);
  error.no_quota |= says_no_quota(error.message);
  return error;
}

std::string_view unwrapped(std::string_view body) {
  std::string_view inside = ascii::trimmed(body);
  if (inside.size() < 2 || inside.front() != '[' || inside.back() != ']') return body;
  inside = ascii::trimmed(inside.substr(1, inside.size() - 2));
  return inside.starts_with('{') ? inside : body;
}

Outcome gemini_error_outcome(int http_status, const GeminiError& error, bool waits) {
  int status = http_status;
  if (http_status < 300) status = error.number != 0 ? error.number : http_of_rpc(error.status);
  const Verdict verdict = classify(status, error, waits || error.retry_delay);
  std::string code = error.reason.empty() ? error.status : error.reason;
  code = code.empty() ? "http_" + std::to_string(status) : vendor_code(code);
  Outcome outcome = make_failure(verdict, code, error.message);
  if (verdict == kAccess && cut_off(error)) outcome.rights_alert = code;
  if (verdict.kind != v1::HALTED) outcome.retry_after = error.retry_delay;
  if (verdict.kind == v1::THROTTLED) outcome.met_limit = error.met_limit;
  return outcome;
}

}  // namespace harvest::dialect

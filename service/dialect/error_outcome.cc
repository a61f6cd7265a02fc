#include "service/dialect/error_outcome.h"

#include <algorithm>
#include <array>

#include "service/dialect/ascii.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

using namespace verdict;

/// Codes that speak whatever the status says. Billing stops come as 429s and 400s: waiting does not cure them.
constexpr std::array<CodeRule, 22> kCodeRules{{
    {"insufficient_quota", kBilling},
    {"credit_balance_exhausted", kBilling},
    {"organization_spend_limit_exceeded", kBilling},
    {"project_spend_limit_exceeded", kBilling},
    {"organization_usage_limit_exceeded", kBilling},
    {"billing_hard_limit_reached", kBilling},
    {"billing_not_active", kBilling},
    {"blocked_api_access", kBilling},  // Groq's spend cap, a 400
    {"account_deactivated", kAccess},
    {"invalid_api_key", kAccess},
    {"unsupported_country_region_territory", kAccess},
    {"model_not_found", kModel},
    {"DeploymentNotFound", kModel},
    {"rate_limit_exceeded", kThrottled},
    {"context_length_exceeded", kRejected},
    {"invalid_request_error", kRejected},
    {"slow_down", kSlowDown},
    {"flex_capacity_exceeded", kThrottled},
    {"overloaded", kOverloaded},
    {"server_error", kFaulted},
    {"content_filter", kRefused},
    {"content_policy_violation", kRefused},
}};

const CodeRule* rule_of(std::string_view code) {
  return find_rule(kCodeRules, code);
}

/// The code goes before the type: a 429 may keep the type insufficient_quota while its code says rate_limit_exceeded. A
/// type of invalid_request_error says less than the status does (401s and 404s carry it too).
Verdict classify(int status, const VendorError& error, bool waits) {
  if (error.content_filter) return kRefused;
  if (const CodeRule* rule = rule_of(error.code); rule && error.code != "invalid_request_error") return rule->verdict;
  if (const CodeRule* rule = rule_of(error.type); rule && rule->verdict.kind == v1::HALTED) return rule->verdict;
  return status_verdict(status, error.message, waits);
}

/// A 503 may be anybody's on the way; words tell whether too many ask.
bool says_overloaded(std::string_view words) {
  constexpr std::array<std::string_view, 5> kWords{"overload", "capacity", "high demand", "too many", "busy"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return ascii::contains_ignoring_case(words, word); });
}

std::string_view wire_name(WireError error) {
  switch (error) {
    case WireError::kNone:
      return "none";
    case WireError::kNotConnected:
      return "not_connected";
    case WireError::kResendBlocked:
      return "connection_lost";
    case WireError::kTimeout:
      return "timeout";
    case WireError::kReset:
      return "connection_reset";
    case WireError::kTooLarge:
      return "response_too_large";
    case WireError::kCancelled:
      return "cancelled";
    case WireError::kBadRequest:
      return "unsendable";
  }
  return "unknown";
}

}  // namespace

const CodeRule* find_rule(std::span<const CodeRule> rules, std::string_view code) {
  const auto rule =
      std::find_if(rules.begin(), rules.end(), [&](const CodeRule& candidate) { return candidate.code == code; });
  return rule == rules.end() ? nullptr : &*rule;
}

Outcome make_failure(Verdict verdict, std::string code, std::string_view words) {
  Outcome outcome;
  outcome.kind = verdict.kind;
  outcome.retry = verdict.retry;
  outcome.halt_cause = verdict.cause;
  outcome.overloaded = verdict.overloaded;
  outcome.slow_down = verdict.slow_down;
  outcome.vendor_code = std::move(code);
  outcome.message = vendor_words(words);
  if (verdict.kind == v1::REFUSED) {
    // A refused prompt is a stored answer with one empty choice.
    Choice& choice = outcome.choices.emplace_back();
    choice.message.set_role("assistant");
    choice.finish_reason = "content_filter";
    choice.refused = true;
  }
  return outcome;
}

Verdict status_verdict(int status, std::string_view words, bool waits) {
  switch (status) {
    // No query of this teacher can succeed.
    case 401:
    case 403:
      return kAccess;
    case 402:
      return kBilling;
    case 404:
    case 410:
      return kModel;
    case 405:
      return kAddress;
    case 408:
    case 409:
    case 424:  // TGI: generation failed
    case 499:
      return kFaulted;
    case 425:
      return kFaultedSafe;
    case 429:
    case 498:  // Groq: no flex capacity
      return kThrottled;
    case 503:
      // OpenAI's 503 "Slow Down" is about our rate, not about their health.
      if (ascii::contains_ignoring_case(words, "slow down")) return kSlowDown;
      if (says_overloaded(words)) return waits ? kOverloadedSafe : kOverloaded;
      return waits ? kFaultedSafe : kFaulted;
    case 529:
      return waits ? kOverloadedSafe : kOverloaded;
    default:
      break;
  }
  if (status >= 300 && status < 400) return kAddress;  // redirects are not followed: the key would travel
  if (status >= 400 && status < 500) return kRejected;
  return kFaulted;
}

Outcome wire_outcome(const HttpExchange& exchange) {
  Verdict verdict = exchange.sent ? kFaulted : kFaultedSafe;
  // The kept-alive connection may have died before or after the server took the request: nobody can tell from here.
  if (exchange.error == WireError::kResendBlocked) verdict = kFaulted;
  if (exchange.error == WireError::kBadRequest) verdict = kRejected;
  return make_failure(verdict, std::string(wire_name(exchange.error)), exchange.error_text);
}

Outcome status_outcome(int status, const VendorError& error, bool waits) {
  return make_failure(classify(status, error, waits), error.name(status), error.message);
}

Outcome embedded_outcome(const VendorError& error, bool waits) {
  int status = 500;
  if (error.number && *error.number >= 400 && *error.number < 600) {
    status = *error.number;
  } else if (const CodeRule* rule = rule_of(error.code.empty() ? error.type : error.code)) {
    return make_failure(error.content_filter ? kRefused : rule->verdict, error.name(status), error.message);
  }
  return status_outcome(status, error, waits);
}

Outcome no_answer(std::string code, std::string_view words) {
  return make_failure(kFaulted, std::move(code), words);
}

Outcome stream_cut(size_t bytes, size_t events) {
  return no_answer("stream_cut", "the stream ended before its end, after " + std::to_string(bytes) + " bytes, " +
                                     std::to_string(events) + " events");
}

void note_begun(Outcome& failure) {
  if (failure.has_answer()) return;
  failure.may_have_run = true;
  if (failure.retry == Retry::kSafe) failure.retry = Retry::kAmbiguous;
}

void obey_should_retry(std::string_view header, Outcome& outcome) {
  const bool open = outcome.kind == v1::THROTTLED || outcome.kind == v1::FAULTED || outcome.kind == v1::REJECTED;
  if (!open) return;
  if (ascii::equals_ignoring_case(header, "false")) {
    outcome.may_have_run = outcome.may_be_billed();
    outcome.retry = Retry::kPermanent;
  }
  if (ascii::equals_ignoring_case(header, "true") && outcome.retry == Retry::kPermanent) {
    outcome.kind = v1::FAULTED;
    outcome.retry = Retry::kAmbiguous;
  }
}

}  // namespace harvest::dialect

#include "service/dialect/error_outcome.h"

#include <algorithm>
#include <array>

#include "service/dialect/ascii.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

struct Verdict {
  v1::Outcome kind;
  Retry retry;
};
constexpr Verdict kHalted{v1::HALTED, Retry::kSafe};
constexpr Verdict kRefused{v1::REFUSED, Retry::kPermanent};
constexpr Verdict kRejected{v1::REJECTED, Retry::kPermanent};
constexpr Verdict kThrottled{v1::THROTTLED, Retry::kSafe};
constexpr Verdict kFaultedSafe{v1::FAULTED, Retry::kSafe};
constexpr Verdict kFaulted{v1::FAULTED, Retry::kAmbiguous};

/// Codes that speak whatever the status says. Billing stops come as 429s and 400s: waiting does not cure them.
struct CodeRule {
  std::string_view code;
  Verdict verdict;
};
constexpr std::array<CodeRule, 18> kCodeRules{{
    {"insufficient_quota", kHalted},
    {"credit_balance_exhausted", kHalted},
    {"organization_spend_limit_exceeded", kHalted},
    {"project_spend_limit_exceeded", kHalted},
    {"organization_usage_limit_exceeded", kHalted},
    {"billing_hard_limit_reached", kHalted},
    {"billing_not_active", kHalted},
    {"blocked_api_access", kHalted},  // Groq's spend cap, a 400
    {"account_deactivated", kHalted},
    {"invalid_api_key", kHalted},
    {"model_not_found", kHalted},
    {"DeploymentNotFound", kHalted},
    {"rate_limit_exceeded", kThrottled},
    {"context_length_exceeded", kRejected},
    {"invalid_request_error", kRejected},
    {"flex_capacity_exceeded", kThrottled},
    {"overloaded", kFaulted},
    {"server_error", kFaulted},
}};

const CodeRule* rule_of(std::string_view code) {
  const auto rule = std::find_if(kCodeRules.begin(), kCodeRules.end(),
                                 [&](const CodeRule& candidate) { return candidate.code == code; });
  return rule == kCodeRules.end() ? nullptr : &*rule;
}

Verdict by_status(int status, const VendorError& error, bool waits) {
  switch (status) {
    case 401:
    case 402:
    case 403:
    case 404:
    case 405:
    case 410:
      return kHalted;  // access, money, model or URL: no query of this teacher can succeed
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
      if (ascii::contains_ignoring_case(error.message, "slow down")) return kThrottled;
      return waits ? kFaultedSafe : kFaulted;
    default:
      break;
  }
  if (status >= 300 && status < 400) return kHalted;  // redirects are not followed: the key would travel
  if (status >= 400 && status < 500) return kRejected;
  return kFaulted;
}

/// The code goes before the type: a 429 may keep the type insufficient_quota while its code says rate_limit_exceeded. A
/// type of invalid_request_error says less than the status does (401s and 404s carry it too).
Verdict classify(int status, const VendorError& error, bool waits) {
  if (error.content_filter) return kRefused;
  if (const CodeRule* rule = rule_of(error.code); rule && error.code != "invalid_request_error") return rule->verdict;
  if (const CodeRule* rule = rule_of(error.type); rule && rule->verdict.kind == v1::HALTED) return rule->verdict;
  return by_status(status, error, waits);
}

Outcome make(Verdict verdict, std::string code, std::string_view words) {
  Outcome outcome;
  outcome.kind = verdict.kind;
  outcome.retry = verdict.retry;
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

Outcome wire_outcome(const HttpExchange& exchange) {
  Verdict verdict = exchange.sent ? kFaulted : kFaultedSafe;
  // The kept-alive connection may have died before or after the server took the request: nobody can tell from here.
  if (exchange.error == WireError::kResendBlocked) verdict = kFaulted;
  if (exchange.error == WireError::kBadRequest) verdict = kRejected;
  return make(verdict, std::string(wire_name(exchange.error)), exchange.error_text);
}

Outcome status_outcome(int status, const VendorError& error, bool waits) {
  return make(classify(status, error, waits), error.name(status), error.message);
}

Outcome embedded_outcome(const VendorError& error, bool waits) {
  int status = 500;
  if (error.number && *error.number >= 400 && *error.number < 600) {
    status = *error.number;
  } else if (const CodeRule* rule = rule_of(error.code.empty() ? error.type : error.code)) {
    return make(error.content_filter ? kRefused : rule->verdict, error.name(status), error.message);
  }
  return status_outcome(status, error, waits);
}

Outcome no_answer(std::string code, std::string_view words) {
  return make(kFaulted, std::move(code), words);
}

void obey_should_retry(std::string_view header, Outcome& outcome) {
  const bool open = outcome.kind == v1::THROTTLED || outcome.kind == v1::FAULTED || outcome.kind == v1::REJECTED;
  if (!open) return;
  if (ascii::equals_ignoring_case(header, "false")) outcome.retry = Retry::kPermanent;
  if (ascii::equals_ignoring_case(header, "true") && outcome.retry == Retry::kPermanent) {
    outcome.kind = v1::FAULTED;
    outcome.retry = Retry::kAmbiguous;
  }
}

}  // namespace harvest::dialect

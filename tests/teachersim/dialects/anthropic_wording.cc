#include "tests/teachersim/dialects/anthropic_wording.h"

#include <boost/json.hpp>
#include <chrono>
#include <ctime>

namespace teachersim {
namespace {

namespace json = boost::json;
using limits::Dimension;

std::string_view anthropic_type(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 409:
      return "conflict_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 504:
      return "timeout_error";
    case 529:
      return "overloaded_error";
    default:
      return status < 500 ? "invalid_request_error" : "api_error";
  }
}

/// Out of credit is a bad request here; the other billing stops are asked for by status and code.
int anthropic_status(const Trouble& trouble) {
  return trouble.kind == Trouble::Kind::kOutOfCredit ? 400 : trouble.status;
}

std::string anthropic_words(const Trouble& trouble) {
  if (trouble.kind == Trouble::Kind::kOutOfCredit || trouble.code == "credit_balance_too_low") {
    return "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or "
           "purchase credits.";
  }
  if (trouble.code == "usage_limits") {
    return "You have reached your specified API usage limits. You will regain access on 2099-01-01 at 00:00 UTC.";
  }
  if (trouble.code == "enforced_spend_limit_reached") {
    return "This organization has reached the monthly usage threshold of its tier.";
  }
  switch (trouble.status) {
    case 401:
      return "invalid x-api-key";
    case 402:
      return "There is a problem with the billing of this account.";
    case 529:
      return "Overloaded";
    default:
      return trouble.message;
  }
}

void append_anthropic_standing(std::string& headers, std::string_view what, const limits::Standing& standing,
                               std::int64_t unit, const Moment& now) {
  const std::int64_t remaining = (standing.remaining + unit / 2) / unit * unit;
  const std::int64_t reset = now.utc_us / 1'000'000 + limits::rounded_up(standing.reset_in, std::chrono::seconds(1));
  const std::string begin = "anthropic-ratelimit-" + std::string(what);
  headers += begin + "-limit: " + std::to_string(standing.limit) + "\r\n";
  headers += begin + "-remaining: " + std::to_string(remaining) + "\r\n";
  headers += begin + "-reset: " + rfc3339(reset) + "\r\n";
}

}  // namespace

std::string anthropic_error(const Trouble& trouble) {
  json::object error{{"type", anthropic_type(anthropic_status(trouble))}, {"message", anthropic_words(trouble)}};
  if (trouble.status == 429 && !trouble.code.empty()) error["details"] = json::object{{"error_code", trouble.code}};
  return json::serialize(
      json::object{{"type", "error"}, {"error", std::move(error)}, {"request_id", trouble.request_id}});
}

Reply anthropic_reply(const Trouble& trouble) {
  Reply reply{.status = anthropic_status(trouble), .body = anthropic_error(trouble)};
  const limits::Time wait = trouble.decision.retry_after;
  if (trouble.kind == Trouble::Kind::kThrottled && wait > limits::Time::zero()) {
    reply.headers = "retry-after: " + std::to_string(limits::rounded_up(wait, std::chrono::seconds(1))) + "\r\n";
  }
  return reply;
}

std::string anthropic_limit_headers(limits::Limits& limits, const Moment& now) {
  constexpr std::int64_t kTokenUnit = 1000;  // remaining tokens are told in thousands
  std::string headers;
  const limits::Standing requests = limits.standing(Dimension::kRequests, now.now);
  if (requests.limit > 0) append_anthropic_standing(headers, "requests", requests, 1, now);
  limits::Standing tightest;
  for (const auto& [dimension, what] :
       {std::pair(Dimension::kInputTokens, "input-tokens"), std::pair(Dimension::kOutputTokens, "output-tokens"),
        std::pair(Dimension::kTokens, "")}) {
    const limits::Standing tokens = limits.standing(dimension, now.now);
    if (tokens.limit == 0) continue;
    if (*what != '\0') append_anthropic_standing(headers, what, tokens, kTokenUnit, now);
    if (tightest.limit == 0 || tokens.remaining < tightest.remaining) tightest = tokens;
  }
  if (tightest.limit > 0) append_anthropic_standing(headers, "tokens", tightest, kTokenUnit, now);
  return headers;
}

std::string rfc3339(std::int64_t utc_s) {
  const std::time_t time = utc_s;
  std::tm fields{};
  gmtime_r(&time, &fields);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &fields);
  return text;
}

}  // namespace teachersim

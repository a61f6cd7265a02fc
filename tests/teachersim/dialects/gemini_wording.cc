#include "tests/teachersim/dialects/gemini_wording.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

namespace teachersim {
namespace {

namespace json = boost::json;
using Kind = Trouble::Kind;
using limits::Dimension;

constexpr std::string_view kType = "type.googleapis.com/google.rpc.";

bool is_bad_key(const Trouble& trouble, bool vertex) {
  return trouble.kind == Kind::kUnauthorized && !vertex;
}

int gemini_status(const Trouble& trouble, bool vertex) {
  return is_bad_key(trouble, vertex) ? 400 : trouble.status;
}

std::string_view word_of(int status) {
  switch (status) {
    case 401:
      return "UNAUTHENTICATED";
    case 403:
      return "PERMISSION_DENIED";
    case 404:
      return "NOT_FOUND";
    case 409:
      return "ABORTED";
    case 429:
      return "RESOURCE_EXHAUSTED";
    case 499:
      return "CANCELLED";
    case 503:
      return "UNAVAILABLE";
    case 504:
      return "DEADLINE_EXCEEDED";
    default:
      return status < 500 ? "INVALID_ARGUMENT" : "INTERNAL";
  }
}

bool is_status_word(std::string_view code) {
  return !code.empty() &&
         std::all_of(code.begin(), code.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

/// Out of credit is a quota of nothing.
bool is_zero_quota(const Trouble& trouble) {
  return trouble.kind == Kind::kOutOfCredit || trouble.code == "limit-0";
}

std::string_view quota_of(const Trouble& trouble) {
  if (trouble.code == "PerDay" || is_zero_quota(trouble)) return "GenerateRequestsPerDayPerProjectPerModel-FreeTier";
  switch (trouble.decision.refused_by) {
    case Dimension::kInputTokens:
    case Dimension::kOutputTokens:
    case Dimension::kTokens:
      return "GenerateContentInputTokensPerModelPerMinute";
    case Dimension::kRequestsPerDay:
      return "GenerateRequestsPerDayPerProjectPerModel";
    default:
      return "GenerateRequestsPerMinutePerProjectPerModel";
  }
}

/// 1500 ms → "1.500s", 7 s → "7s".
std::string delay_text(limits::Time delay) {
  const std::int64_t ms = std::chrono::ceil<std::chrono::milliseconds>(delay).count();
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 != 0) text += "." + std::to_string(1000 + ms % 1000).substr(1);
  return text + "s";
}

json::array details_of(const Trouble& trouble, bool vertex) {
  json::array details;
  auto add = [&](const char* type, json::object members) {
    json::object detail{{"@type", std::string(kType) + type}};
    for (auto& [name, value] : members) detail[name] = std::move(value);
    details.push_back(std::move(detail));
  };
  if (is_bad_key(trouble, vertex)) {
    add("ErrorInfo", {{"reason", "API_KEY_INVALID"},
                      {"domain", "googleapis.com"},
                      {"metadata", json::object{{"service", "generativelanguage.googleapis.com"}}}});
  }
  // Vertex says no more than that resources are exhausted.
  if (trouble.status == 429 && !vertex) {
    json::object violation{
        {"quotaMetric", "generativelanguage.googleapis.com/generate_content_requests"},
        {"quotaId", quota_of(trouble)},
        {"quotaDimensions", json::object{{"location", "global"}}},
        {"quotaValue", is_zero_quota(trouble) ? "0" : "1"},
    };
    add("QuotaFailure", {{"violations", json::array{std::move(violation)}}});
    if (trouble.decision.retry_after > limits::Time::zero())
      add("RetryInfo", {{"retryDelay", delay_text(trouble.decision.retry_after)}});
  }
  return details;
}

std::string gemini_words(const Trouble& trouble, bool vertex) {
  if (is_bad_key(trouble, vertex)) return "API key not valid. Please pass a valid API key.";
  if (trouble.status == 429 && vertex) return "Resource exhausted. Please try again later.";
  if (is_zero_quota(trouble)) {
    return "You exceeded your current quota, please check your plan and billing details.\n* Quota exceeded for metric: "
           "generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 0";
  }
  if (trouble.status == 503) return "The model is overloaded. Please try again later.";
  return trouble.message;
}

}  // namespace

std::string gemini_error(const Trouble& trouble, bool vertex) {
  const int status = gemini_status(trouble, vertex);
  json::object error{
      {"code", status},
      {"message", gemini_words(trouble, vertex)},
      {"status", is_status_word(trouble.code) ? std::string_view(trouble.code) : word_of(status)},
  };
  if (json::array details = details_of(trouble, vertex); !details.empty()) error["details"] = std::move(details);
  const std::string body = json::serialize(json::object{{"error", std::move(error)}});
  return trouble.code == "array" ? "[" + body + "]\n" : body + "\n";
}

Reply gemini_reply(const Trouble& trouble, bool vertex) {
  return {.status = gemini_status(trouble, vertex),
          .content_type = "application/json; charset=UTF-8",
          .headers = {},
          .body = gemini_error(trouble, vertex)};
}

}  // namespace teachersim

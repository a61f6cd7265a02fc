#include <algorithm>
#include <chrono>

#include "tests/teachersim/dialects/vendors/vendors.h"

namespace teachersim {

namespace json = boost::json;

json::array& choices_of(json::object& body) {
  json::value& choices = body["choices"];
  return choices.is_array() ? choices.get_array() : choices.emplace_array();
}

json::object& message_of(json::object& choice) {
  return choice[choice.contains("message") ? "message" : "delta"].as_object();
}

bool is_last(const json::object& choice) {
  return !choice.at("finish_reason").is_null();
}

void Imitator::dress(json::object& body, const ChatRequest& /*request*/, const Usage& usage, const Stamp& stamp) const {
  body.erase("service_tier");
  body.erase("system_fingerprint");
  for (json::value& one : choices_of(body)) {
    json::object& choice = one.as_object();
    json::object& message = message_of(choice);
    message.erase("annotations");
    // Imitators have no refusals of their own: what is said instead is content.
    const json::value* refusal = message.if_contains("refusal");
    if (refusal != nullptr && refusal->is_string()) message["content"] = *refusal;
    message.erase("refusal");
    if (json::value& end = choice["finish_reason"]; end.is_string()) {
      const bool refused = end.get_string() == "content_filter" && !stamp.refusal_code.empty();
      end = refused ? std::string(stamp.refusal_code) : std::string(finish_reason(end.get_string()));
    }
    dress_choice(choice);
  }
  if (body.contains("usage") && !body["usage"].is_null()) body["usage"] = usage_object(usage);
}

void Imitator::dress_chunk(json::object& chunk, const ChatRequest& request, const Usage& usage,
                           const Stamp& stamp) const {
  Imitator::dress(chunk, request, usage, stamp);
}

json::object Imitator::usage_object(const Usage& usage) const {
  return {{"prompt_tokens", usage.input_tokens},
          {"completion_tokens", usage.output_tokens},
          {"total_tokens", usage.input_tokens + usage.output_tokens}};
}

std::int64_t whole_seconds(limits::Time length) {
  return std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::seconds>(length).count());
}

std::string retry_after(const Trouble& trouble) {
  const limits::Time wait = trouble.decision.retry_after;
  if (trouble.kind != Trouble::Kind::kThrottled || wait <= limits::Time::zero()) return {};
  return "retry-after: " + std::to_string(whole_seconds(wait)) + "\r\n";
}

void append_header(std::string& headers, std::string_view name, std::int64_t value) {
  headers.append(name).append(": ").append(std::to_string(value)).append("\r\n");
}

limits::Standing token_standing(limits::Limits& limits, limits::Time now) {
  using limits::Dimension;
  for (const Dimension dimension : {Dimension::kTokens, Dimension::kInputTokens, Dimension::kOutputTokens}) {
    const limits::Standing tokens = limits.standing(dimension, now);
    if (tokens.limit > 0) return tokens;
  }
  return {};
}

}  // namespace teachersim

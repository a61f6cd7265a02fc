#include "tests/teachersim/dialects/openai_responses_answer.h"

#include "tests/teachersim/dialects/logprobs.h"

namespace teachersim {
namespace {

namespace json = boost::json;

json::object logprob_object(const TokenLogprob& entry) {
  json::array bytes;
  for (const char c : entry.token) bytes.push_back(static_cast<unsigned char>(c));
  return {{"token", entry.token}, {"logprob", entry.logprob}, {"bytes", std::move(bytes)}};
}

json::array logprobs_array(const std::vector<TokenLogprob>& entries) {
  json::array array;
  for (const TokenLogprob& entry : entries) {
    json::object one = logprob_object(entry);
    json::array top;
    for (const TokenLogprob& other : entry.top) top.push_back(logprob_object(other));
    one["top_logprobs"] = std::move(top);
    array.push_back(std::move(one));
  }
  return array;
}

bool is_filtered(const Utterance& said, const Stamp& stamp) {
  return said.end == Utterance::End::kRefused && stamp.refusal_code == "content_filter";
}

bool is_whole(const Utterance& said, const Stamp& stamp) {
  return said.end != Utterance::End::kCut && !is_filtered(said, stamp);
}

json::array output_of(const ResponsesRequest& request, const Utterance& said, const AnswerShape& shape,
                      const Stamp& stamp) {
  const std::string_view status = is_whole(said, stamp) ? "completed" : "incomplete";
  const std::string id = stamp.id.substr(stamp.id.find('_') + 1);
  json::array output;
  if (said.thinking_tokens > 0) {
    json::array summary;
    if (request.shows_summary) summary.push_back({{"type", "summary_text"}, {"text", said.thinking}});
    output.push_back({{"id", "rs_" + id}, {"type", "reasoning"}, {"summary", std::move(summary)}});
  }
  if (!said.tool.empty()) {
    output.push_back({{"id", "fc_" + id},
                      {"type", "function_call"},
                      {"status", status},
                      {"arguments", said.arguments},
                      {"call_id", "call_" + said.call_id},
                      {"name", said.tool}});
    return output;
  }
  json::array content;
  if (said.end == Utterance::End::kRefused && !is_filtered(said, stamp)) {
    content.push_back({{"type", "refusal"}, {"refusal", kRefusal}});
  } else if (!is_filtered(said, stamp)) {
    json::array logprobs;
    if (request.logprobs) logprobs = logprobs_array(logprobs_of(said.text, request, shape, 0));
    content.push_back({{"type", "output_text"},
                       {"annotations", json::array()},
                       {"logprobs", std::move(logprobs)},
                       {"text", said.text}});
  }
  output.push_back({{"id", "msg_" + id},
                    {"type", "message"},
                    {"status", status},
                    {"content", std::move(content)},
                    {"role", "assistant"}});
  return output;
}

}  // namespace

json::object responses_object(const ResponsesRequest& request, const Utterance& said, const Usage& usage,
                              const AnswerShape& shape, const Stamp& stamp) {
  json::value incomplete;
  if (said.end == Utterance::End::kCut) incomplete = {{"reason", "max_output_tokens"}};
  if (is_filtered(said, stamp)) incomplete = {{"reason", "content_filter"}};
  json::object response{{"id", stamp.id},
                        {"object", "response"},
                        {"created_at", stamp.created_s},
                        {"status", incomplete.is_null() ? "completed" : "incomplete"},
                        {"background", false},
                        {"error", nullptr},
                        {"incomplete_details", incomplete},
                        {"instructions", nullptr},
                        {"max_output_tokens", nullptr},
                        {"metadata", json::object()},
                        {"model", request.model},
                        {"output", output_of(request, said, shape, stamp)},
                        {"parallel_tool_calls", true},
                        {"previous_response_id", nullptr},
                        {"reasoning", {{"effort", nullptr}, {"summary", nullptr}}},
                        {"service_tier", "default"},
                        {"store", true},
                        {"temperature", 1.0},
                        {"text", {{"format", {{"type", "text"}}}, {"verbosity", "medium"}}},
                        {"tool_choice", "auto"},
                        {"tools", json::array()},
                        {"top_logprobs", request.top_logprobs},
                        {"top_p", 1.0},
                        {"truncation", "disabled"},
                        {"user", nullptr}};
  for (const auto& [name, value] : request.echoed) response[name] = value;
  response["usage"] = {{"input_tokens", usage.input_tokens},
                       {"input_tokens_details", {{"cached_tokens", usage.cached_tokens}}},
                       {"output_tokens", usage.output_tokens},
                       {"output_tokens_details", {{"reasoning_tokens", usage.reasoning_tokens}}},
                       {"total_tokens", usage.input_tokens + usage.output_tokens}};
  return response;
}

}  // namespace teachersim

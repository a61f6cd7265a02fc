#include "tests/teachersim/dialects/gemini_answer.h"

#include "tests/teachersim/answers/pieces.h"
#include "tests/teachersim/answers/tokenizer.h"
#include "tests/teachersim/dialects/logprobs.h"

namespace teachersim {
namespace {

namespace json = boost::json;

json::object thought_part(std::string_view text) {
  return {{"text", text}, {"thought", true}};
}

json::object text_part(std::string_view text) {
  return {{"text", text}};
}

json::object call_part(const Utterance& utterance) {
  return {{"functionCall",
           {{"id", utterance.call_id}, {"name", utterance.tool}, {"args", json::parse(utterance.arguments)}}},
          {"thoughtSignature", "c2ln" + utterance.call_id}};
}

json::object candidate_object(const TokenLogprob& entry) {
  return {{"token", entry.token}, {"tokenId", token_id(entry.token)}, {"logProbability", entry.logprob}};
}

void add_logprobs(json::object& candidate, const std::vector<TokenLogprob>& entries, bool with_top) {
  json::array chosen;
  json::array top;
  double sum = 0;
  for (const TokenLogprob& entry : entries) {
    chosen.push_back(candidate_object(entry));
    sum += entry.logprob;
    json::array alternatives;
    for (const TokenLogprob& other : entry.top) alternatives.push_back(candidate_object(other));
    top.push_back(json::object{{"candidates", std::move(alternatives)}});
  }
  if (!entries.empty()) candidate["avgLogprobs"] = sum / static_cast<double>(entries.size());
  json::object result{{"chosenCandidates", std::move(chosen)}};
  if (with_top) result["topCandidates"] = std::move(top);
  candidate["logprobsResult"] = std::move(result);
}

json::object gemini_usage(const Usage& usage, bool vertex) {
  json::object object{{"promptTokenCount", usage.input_tokens}};
  if (usage.cached_tokens > 0) object["cachedContentTokenCount"] = usage.cached_tokens;
  if (usage.output_tokens > usage.reasoning_tokens)
    object["candidatesTokenCount"] = usage.output_tokens - usage.reasoning_tokens;
  if (usage.reasoning_tokens > 0) object["thoughtsTokenCount"] = usage.reasoning_tokens;
  object["totalTokenCount"] = usage.input_tokens + usage.output_tokens;
  object["promptTokensDetails"] = json::array{json::object{{"modality", "TEXT"}, {"tokenCount", usage.input_tokens}}};
  if (vertex) object["trafficType"] = "ON_DEMAND";
  return object;
}

}  // namespace

GeminiAnswer::GeminiAnswer(const GeminiRequest& request, const AnswerShape& shape, const Stamp& stamp, bool vertex)
    : request_(request),
      shape_(shape),
      stamp_(stamp),
      vertex_(vertex),
      utterances_(utter(request, shape, stamp.refuse)),
      usage_(usage_of(request, shape, utterances_)) {
  if (is_blocked()) usage_.output_tokens = usage_.reasoning_tokens = 0;
}

json::object GeminiAnswer::whole() const {
  json::array candidates;
  for (std::size_t i = 0; i < utterances_.size() && !is_blocked(); ++i) {
    const Utterance& utterance = utterances_[i];
    json::array parts;
    if (request_.shows_thoughts && !utterance.thinking.empty()) parts.push_back(thought_part(utterance.thinking));
    if (!utterance.tool.empty()) parts.push_back(call_part(utterance));
    if (!utterance.text.empty()) parts.push_back(text_part(utterance.text));
    json::object whole = candidate(i, std::move(parts));
    finish(whole, i);
    candidates.push_back(std::move(whole));
  }
  return response(std::move(candidates), usage_);
}

std::vector<json::object> GeminiAnswer::parts(std::size_t piece) const {
  std::vector<json::object> events;
  Usage so_far = usage_;
  so_far.output_tokens = so_far.reasoning_tokens = 0;
  for (std::size_t i = 0; i < utterances_.size() && !is_blocked(); ++i) {
    const Utterance& utterance = utterances_[i];
    auto add = [&](json::object part) { events.push_back(response({candidate(i, {std::move(part)})}, so_far)); };
    so_far.output_tokens += utterance.thinking_tokens;
    so_far.reasoning_tokens += utterance.thinking_tokens;
    if (request_.shows_thoughts)
      for (const std::string_view text : pieces_of(utterance.thinking, piece)) add(thought_part(text));
    for (const std::string_view text : pieces_of(utterance.text, piece)) add(text_part(text));
    if (!utterance.tool.empty()) add(call_part(utterance));
    so_far.output_tokens += utterance.tokens - utterance.thinking_tokens;
    json::object last = candidate(i, {text_part("")});
    finish(last, i);
    events.push_back(response({std::move(last)}, so_far));
  }
  if (events.empty()) events.push_back(response({}, usage_));
  return events;
}

/// Empty parts are left out.
json::object GeminiAnswer::candidate(std::size_t index, json::array parts) const {
  json::object content{{"role", "model"}};
  if (!parts.empty()) content["parts"] = std::move(parts);
  return {{"content", std::move(content)}, {"index", index}};
}

void GeminiAnswer::finish(json::object& candidate, std::size_t index) const {
  const Utterance& utterance = utterances_[index];
  const bool refused = utterance.end == Utterance::End::kRefused;
  candidate["finishReason"] = refused                                 ? std::string_view(stamp_.refusal_code)
                              : utterance.end == Utterance::End::kCut ? "MAX_TOKENS"
                                                                      : "STOP";
  if (refused) candidate["finishMessage"] = kRefusal;
  if (request_.logprobs && !refused)
    add_logprobs(candidate, logprobs_of(utterance.text, request_, shape_, index), request_.top_logprobs > 0);
}

json::object GeminiAnswer::response(json::array candidates, const Usage& usage) const {
  json::object response;
  if (is_blocked()) {
    response["promptFeedback"] = json::object{{"blockReason", "PROHIBITED_CONTENT"}};
  } else {
    response["candidates"] = std::move(candidates);
  }
  response["modelVersion"] = request_.model;
  response["responseId"] = stamp_.id;
  response["usageMetadata"] = gemini_usage(usage, vertex_);
  return response;
}

}  // namespace teachersim

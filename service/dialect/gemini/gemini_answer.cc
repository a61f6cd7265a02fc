#include "service/dialect/gemini/gemini_answer.h"

#include <algorithm>
#include <array>

#include "service/dialect/error_outcome.h"
#include "service/dialect/gemini/gemini_errors.h"
#include "service/dialect/gemini/gemini_labels.h"
#include "service/dialect/gemini/gemini_slices.h"
#include "service/dialect/gemini/gemini_usage.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

constexpr std::array<std::string_view, 9> kRefusals{"SAFETY",
                                                    "RECITATION",
                                                    "BLOCKLIST",
                                                    "PROHIBITED_CONTENT",
                                                    "SPII",
                                                    "IMAGE_SAFETY",
                                                    "IMAGE_PROHIBITED_CONTENT",
                                                    "IMAGE_RECITATION",
                                                    "MODEL_ARMOR"};
constexpr std::array<std::string_view, 11> kBroken{"MALFORMED_FUNCTION_CALL",
                                                   "UNEXPECTED_TOOL_CALL",
                                                   "TOO_MANY_TOOL_CALLS",
                                                   "MISSING_THOUGHT_SIGNATURE",
                                                   "MALFORMED_RESPONSE",
                                                   "LANGUAGE",
                                                   "OTHER",
                                                   "IMAGE_OTHER",
                                                   "NO_IMAGE",
                                                   "FINISH_REASON_UNSPECIFIED",
                                                   "UNFINISHED"};

template <typename Words>
bool is_one_of(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_empty(const ChoiceDraft& draft) {
  const v1::Message& message = draft.choice.message;
  return message.content().empty() && message.reasoning_content().empty() && draft.tool_calls.empty();
}

void read_end(std::string_view reason, ChoiceDraft& draft) {
  if (reason.empty()) return;
  Choice& choice = draft.choice;
  draft.ended = true;
  choice.finish_reason = vendor_code(reason);
  choice.refused = is_one_of(kRefusals, reason);
  draft.broken = is_one_of(kBroken, reason);
  choice.truncated = reason == "MAX_TOKENS";
  if (reason == "STOP" || choice.refused || choice.truncated || draft.broken) return;
  // A word that we do not know: what there is was paid for.
  draft.broken = is_empty(draft);
  choice.truncated = true;
}

}  // namespace

void GeminiAnswer::add(const dom::object& response, std::string_view json) {
  dom::object feedback;
  if (object_at(response, "promptFeedback", feedback) && !string_at(feedback, "blockReason").empty()) {
    block_reason_ = vendor_code(string_at(feedback, "blockReason"));
    block_words_ = string_at(feedback, "blockReasonMessage");
  }
  read_gemini_usage(response, usage_);
  if (const std::string_view model = string_at(response, "modelVersion"); !model.empty()) model_ = model;
  if (const std::string_view id = string_at(response, "responseId"); !id.empty()) id_ = id;
  dom::array candidates;
  if (response.at_key("candidates").get(candidates) != simdjson::SUCCESS) return;
  // Few responses hold what must be kept as bytes.
  const bool sliced =
      json.find("functionCall") != std::string_view::npos || json.find("logprobsResult") != std::string_view::npos;
  std::vector<GeminiSlices> slices;
  if (sliced) slices = gemini_slices(json);
  size_t place = 0;
  for (const dom::element element : candidates) {
    dom::object candidate;
    if (element.get(candidate) != simdjson::SUCCESS) continue;
    add_candidate(candidate, static_cast<int64_t>(place), place < slices.size() ? slices[place] : GeminiSlices{});
    ++place;
  }
}

/// Zero is left out by servers that leave out zeros: then its place in the list tells.
void GeminiAnswer::add_candidate(const dom::object& candidate, int64_t place, const GeminiSlices& slices) {
  int64_t index = place;
  if (int64_t stated = 0; candidate.at_key("index").get(stated) == simdjson::SUCCESS) index = stated;
  ChoiceDraft* draft = answer_.choice(index);
  if (draft == nullptr) return;
  add_parts(candidate, *draft, slices);
  if (dom::object logprobs; object_at(candidate, "logprobsResult", logprobs)) {
    read_gemini_labels(logprobs, draft->choice.soft_labels);
    Logprobs& kept = logprobs_of(index);
    if (!slices.chosen.empty()) kept.chosen.append(kept.chosen.empty() ? "" : ",").append(slices.chosen);
    if (!slices.top.empty()) kept.top.append(kept.top.empty() ? "" : ",").append(slices.top);
  }
  read_end(string_at(candidate, "finishReason"), *draft);
  if (draft->choice.refused) draft->refusal_words = string_at(candidate, "finishMessage");
}

void GeminiAnswer::add_parts(const dom::object& candidate, ChoiceDraft& draft, const GeminiSlices& slices) {
  dom::object content;
  dom::array parts;
  if (!object_at(candidate, "content", content) || content.at_key("parts").get(parts) != simdjson::SUCCESS) return;
  size_t calls = 0;
  for (const dom::element element : parts) {
    dom::object part, call;
    if (element.get(part) != simdjson::SUCCESS) continue;
    const std::string_view text = string_at(part, "text");
    v1::Message& message = draft.choice.message;
    *(truthy_at(part, "thought") ? message.mutable_reasoning_content() : message.mutable_content()) += text;
    has_token_ |= !text.empty();
    if (!object_at(part, "functionCall", call)) continue;
    has_token_ = true;
    ToolCallDraft made{.id = std::string(string_at(call, "id")),
                       .name = std::string(string_at(call, "name")),
                       .arguments = calls < slices.args.size() ? slices.args[calls] : std::string()};
    if (made.id.empty()) made.id = "call_" + std::to_string(draft.tool_calls.size());
    if (dom::object args; made.arguments.empty() && object_at(call, "args", args))
      made.arguments = simdjson::minify(args);
    if (made.arguments.empty()) made.arguments = "{}";
    draft.tool_calls.push_back(std::move(made));
    ++calls;
  }
}

GeminiAnswer::Logprobs& GeminiAnswer::logprobs_of(int64_t index) {
  for (auto& [known, logprobs] : logprobs_)
    if (known == index) return logprobs;
  return logprobs_.emplace_back(index, Logprobs{}).second;
}

void GeminiAnswer::end_logprobs() {
  for (const auto& [index, kept] : logprobs_) {
    Choice& choice = answer_.choice(index)->choice;
    if (!kept.chosen.empty()) choice.logprobs_json = "{\"chosenCandidates\":[" + kept.chosen + "]";
    if (!kept.top.empty()) {
      choice.logprobs_json += choice.logprobs_json.empty() ? "{" : ",";
      choice.logprobs_json += "\"topCandidates\":[" + kept.top + "]";
    }
    if (!choice.logprobs_json.empty()) choice.logprobs_json += '}';
  }
}

bool GeminiAnswer::whole() const {
  if (!block_reason_.empty()) return true;
  const auto& drafts = answer_.choices();
  return !drafts.empty() && std::all_of(drafts.begin(), drafts.end(), [](const ChoiceDraft& d) { return d.ended; });
}

Outcome GeminiAnswer::finish() {
  for (ChoiceDraft& draft : answer_.choices()) {
    if (!block_reason_.empty()) {
      read_end("PROHIBITED_CONTENT", draft);
      draft.choice.finish_reason = block_reason_;
      draft.refusal_words = block_words_;
    }
    if (!draft.ended) read_end("UNFINISHED", draft);
  }
  end_logprobs();
  Outcome outcome;
  if (answer_.empty() && !block_reason_.empty()) {
    outcome = make_failure(verdict::kRefused, block_reason_, block_words_);
    outcome.usage = usage_;
  } else {
    outcome = answer_.finish(usage_);
  }
  outcome.model_reported = model_;
  outcome.request_id = vendor_words(id_, 200);
  return outcome;
}

Outcome read_gemini_answer(const JsonBody& body, bool waits) {
  if (!body.is_object()) {
    const std::string_view inside = unwrapped(body.text());
    if (inside.size() == body.text().size())
      return no_answer("not_json", body.error().empty() ? "not a JSON object" : body.error());
    const JsonBody one(inside);
    if (!one.is_object() || !truthy_at(one.object(), "error")) return no_answer("not_json", "not a JSON object");
    return gemini_error_outcome(200, read_gemini_error(one.object()), waits);
  }
  if (truthy_at(body.object(), "error")) return gemini_error_outcome(200, read_gemini_error(body.object()), waits);
  GeminiAnswer answer;
  answer.add(body.object(), body.text());
  return answer.finish();
}

}  // namespace harvest::dialect

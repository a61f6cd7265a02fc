#include "service/dialect/openai/openai_completions_answer.h"

#include <algorithm>
#include <optional>

#include "service/dialect/error_outcome.h"
#include "service/dialect/openai/openai_answer.h"
#include "service/dialect/openai/openai_chat_message.h"
#include "service/dialect/openai/raw_slices.h"

namespace harvest::dialect {

namespace dom = simdjson::dom;

bool append_completion(const dom::object& object, ChoiceDraft& draft) {
  dom::element text;
  dom::object logprobs;
  if (object.at_key("text").get(text) != simdjson::SUCCESS) return false;
  *draft.choice.message.mutable_content() += string_at(object, "text");
  if (object_at(object, "logprobs", logprobs)) read_chat_logprobs(logprobs, draft.choice.soft_labels);
  if (const std::string_view reason = string_at(object, "finish_reason"); !reason.empty())
    end_chat_choice(reason, draft);
  draft.broken |= truthy_at(object, "error");
  return true;
}

Outcome read_completions_answer(const JsonBody& body, bool waits) {
  dom::array elements;
  if (std::optional<Outcome> failure = find_choices(body, waits, elements)) return *std::move(failure);

  AnswerDraft answer;
  bool has_logprobs = false;
  int64_t place = 0;
  for (const dom::element element : elements) {
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return no_answer("no_text", "a choice holds no text");
    ChoiceDraft* const draft = draft_of(object, place++, answer);
    if (draft == nullptr) continue;
    if (!append_completion(object, *draft)) return no_answer("no_text", "a choice holds no text");
    draft->ended = true;
    has_logprobs |= truthy_at(object, "logprobs");
  }
  if (has_logprobs) {
    // The drafts are in the body's order still.
    const std::vector<ChoiceSlices> slices = raw_slices(body.text());
    std::vector<ChoiceDraft>& drafts = answer.choices();
    for (size_t i = 0; i < std::min(slices.size(), drafts.size()); ++i)
      drafts[i].choice.logprobs_json = slices[i].logprobs;
  }
  return finish_answer(body.object(), answer);
}

}  // namespace harvest::dialect

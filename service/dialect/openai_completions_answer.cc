#include "service/dialect/openai_completions_answer.h"

#include "service/dialect/error_outcome.h"
#include "service/dialect/openai_chat_message.h"
#include "service/dialect/openai_usage.h"
#include "service/dialect/raw_slices.h"

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

Outcome read_completions_answer(const JsonBody& body) {
  if (!body.is_object()) return no_answer("not_json", body.error().empty() ? "not a JSON object" : body.error());
  const dom::object& root = body.object();
  dom::array elements;
  if (root.at_key("choices").get(elements) != simdjson::SUCCESS || elements.size() == 0)
    return no_answer("no_choices", "the response holds no choices");

  AnswerDraft answer;
  bool has_logprobs = false;
  int64_t place = 0;
  for (const dom::element element : elements) {
    dom::object object;
    int64_t index = 0;
    if (element.get(object) != simdjson::SUCCESS) return no_answer("no_text", "a choice holds no text");
    if (object.at_key("index").get(index) != simdjson::SUCCESS) index = place;
    ChoiceDraft* draft = answer.choice(index);
    if (draft != nullptr && draft->ended) draft = answer.choice(-1 - place);  // two of one number: both were paid for
    ++place;
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

  v1::Usage usage;
  read_openai_usage(root, usage);
  Outcome outcome = answer.finish(std::move(usage));
  outcome.model_reported = string_at(root, "model");
  outcome.system_fingerprint = string_at(root, "system_fingerprint");
  outcome.request_id = string_at(root, "id");
  return outcome;
}

}  // namespace harvest::dialect

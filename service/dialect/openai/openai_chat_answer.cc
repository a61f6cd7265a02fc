#include "service/dialect/openai/openai_chat_answer.h"

#include <algorithm>
#include <optional>

#include "service/dialect/error_outcome.h"
#include "service/dialect/openai/openai_answer.h"
#include "service/dialect/openai/openai_chat_message.h"
#include "service/dialect/openai/raw_slices.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

/// What has to be cut out of the body's own bytes.
struct Wanted {
  bool tool_calls = false, logprobs = false;
};

/// False when there is no message to read.
bool read_choice(const dom::element& element, int64_t place, AnswerDraft& answer, Wanted& wanted) {
  dom::object object, message, logprobs;
  if (element.get(object) != simdjson::SUCCESS || !object_at(object, "message", message)) return false;
  ChoiceDraft* const draft = draft_of(object, place, answer);
  if (draft == nullptr) return true;
  append_chat_texts(message, *draft);
  end_chat_choice(string_at(object, "finish_reason"), *draft);
  draft->broken |= truthy_at(object, "error");
  wanted.tool_calls = truthy_at(message, "tool_calls");
  wanted.logprobs = truthy_at(object, "logprobs");
  if (object_at(object, "logprobs", logprobs)) read_chat_logprobs(logprobs, draft->choice.soft_labels);
  return true;
}

/// Tool calls and logprobs are the server's own bytes. The drafts are in the body's order still.
void keep_slices(std::string_view body, const std::vector<Wanted>& wanted, std::vector<ChoiceDraft>& drafts) {
  const std::vector<ChoiceSlices> slices = raw_slices(body);
  for (size_t i = 0; i < std::min({slices.size(), drafts.size(), wanted.size()}); ++i) {
    if (wanted[i].tool_calls) drafts[i].choice.message.set_tool_calls_json(slices[i].tool_calls);
    if (wanted[i].logprobs) drafts[i].choice.logprobs_json = slices[i].logprobs;
  }
}

}  // namespace

Outcome read_chat_answer(const JsonBody& body, bool waits) {
  dom::array elements;
  if (std::optional<Outcome> failure = find_choices(body, waits, elements)) return *std::move(failure);

  AnswerDraft answer;
  std::vector<Wanted> wanted;
  bool any = false;
  for (const dom::element element : elements) {
    if (!read_choice(element, static_cast<int64_t>(wanted.size()), answer, wanted.emplace_back()))
      return no_answer("no_message", "a choice holds no message");
    any |= wanted.back().tool_calls || wanted.back().logprobs;
  }
  if (any) keep_slices(body.text(), wanted, answer.choices());
  return finish_answer(body.object(), answer);
}

}  // namespace harvest::dialect

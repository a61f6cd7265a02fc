#include "service/dialect/cohere/cohere_answer.h"

#include "service/dialect/cohere/cohere_message.h"
#include "service/dialect/cohere/cohere_slices.h"
#include "service/dialect/error_outcome.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

/// Calls `read` with every object of the list under `key`.
template <typename Read>
void each_object(const dom::object& object, std::string_view key, Read read) {
  dom::array list;
  if (object.at_key(key).get(list) != simdjson::SUCCESS) return;
  for (const dom::element element : list)
    if (dom::object item; element.get(item) == simdjson::SUCCESS) read(item);
}

void read_message(const dom::object& message, ChoiceDraft& draft) {
  v1::Message& said = draft.choice.message;
  said.set_content(std::string(string_at(message, "content")));  // a plain text, as older models answered
  each_object(message, "content", [&](const dom::object& content) { read_cohere_content(content, draft); });
  said.mutable_reasoning_content()->append(string_at(message, "tool_plan"));
  each_object(message, "tool_calls",
              [&](const dom::object& call) { read_cohere_call(call, draft.tool_calls.emplace_back()); });
}

}  // namespace

Outcome read_cohere_answer(const JsonBody& body, bool waits) {
  if (!body.is_object()) return no_answer("not_json", body.error().empty() ? "not a JSON object" : body.error());
  const dom::object& root = body.object();
  dom::object message;
  if (!object_at(root, "message", message)) {
    // An error's message is a text.
    if (truthy_at(root, "message") || truthy_at(root, "error")) return embedded_outcome(read_vendor_error(root), waits);
    return no_answer("no_message", "the response holds no message");
  }
  AnswerDraft answer;
  ChoiceDraft& draft = *answer.choice(0);
  read_message(message, draft);
  read_cohere_finish(string_at(root, "finish_reason"), draft);
  if (draft.choice.finish_reason.empty())
    return no_answer("no_finish_reason", "the response does not say that it has come to its end");
  each_object(root, "logprobs",
              [&](const dom::object& piece) { read_cohere_logprobs(piece, draft.choice.soft_labels); });
  if (truthy_at(root, "logprobs"))
    if (const std::string logprobs = cohere_logprobs(body.text()); !logprobs.empty())
      draft.choice.logprobs_json = "[" + logprobs + "]";
  v1::Usage usage;
  read_cohere_usage(root, usage);
  Outcome outcome = answer.finish(std::move(usage));
  outcome.request_id = string_at(root, "id");
  return outcome;
}

}  // namespace harvest::dialect

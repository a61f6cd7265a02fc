#include "service/dialect/openai_chat_answer.h"

#include <algorithm>
#include <array>

#include "service/dialect/error_outcome.h"
#include "service/dialect/openai_usage.h"
#include "service/dialect/raw_slices.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

template <size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

constexpr std::array<std::string_view, 4> kCapReasons{"length", "max_tokens", "model_length", "MAX_TOKENS"};
constexpr std::array<std::string_view, 4> kBrokenReasons{"abort", "aborted", "error", "insufficient_system_resource"};

struct Draft {
  Choice choice;
  int64_t index = 0;
  bool broken = false;
  bool has_tool_calls = false, has_logprobs = false;
};

/// Mistral sends content as chunks: {type: text, text} and {type: thinking, thinking: [{type: text, text}]}.
void append_parts(const dom::array& parts, std::string& text, std::string& thinking) {
  for (const dom::element element : parts) {
    dom::object part;
    if (element.get(part) != simdjson::SUCCESS) continue;
    text += string_at(part, "text");
    dom::array thoughts;
    if (part.at_key("thinking").get(thoughts) != simdjson::SUCCESS) {
      thinking += string_at(part, "thinking");
      continue;
    }
    for (const dom::element thought : thoughts) {
      dom::object inner;
      if (thought.get(inner) == simdjson::SUCCESS) thinking += string_at(inner, "text");
    }
  }
}

void read_message(const dom::object& object, Draft& draft) {
  v1::Message& message = draft.choice.message;
  message.set_role("assistant");
  std::string_view reasoning = string_at(object, "reasoning_content");
  if (reasoning.empty()) reasoning = string_at(object, "reasoning");
  if (!reasoning.empty()) message.set_reasoning_content(reasoning.data(), reasoning.size());
  dom::array parts;
  if (object.at_key("content").get(parts) == simdjson::SUCCESS) {
    append_parts(parts, *message.mutable_content(), *message.mutable_reasoning_content());
  } else if (const std::string_view content = string_at(object, "content"); !content.empty()) {
    message.set_content(content.data(), content.size());
  }
  if (const std::string_view refusal = string_at(object, "refusal"); !refusal.empty()) {
    draft.choice.refused = true;
    if (message.content().empty()) message.set_content(refusal.data(), refusal.size());
  }
  draft.has_tool_calls = truthy_at(object, "tool_calls");
}

/// False when there is no message to read.
bool read_choice(const dom::element& element, Draft& draft) {
  dom::object object, message;
  if (element.get(object) != simdjson::SUCCESS || !object_at(object, "message", message)) return false;
  read_message(message, draft);
  if (object.at_key("index").get(draft.index) != simdjson::SUCCESS) draft.index = 0;
  Choice& choice = draft.choice;
  choice.finish_reason = vendor_code(string_at(object, "finish_reason"));
  choice.truncated = is_one_of(choice.finish_reason, kCapReasons);
  choice.refused |= choice.finish_reason == "content_filter";
  draft.broken = is_one_of(choice.finish_reason, kBrokenReasons) || truthy_at(object, "error");
  draft.has_logprobs = truthy_at(object, "logprobs");
  return true;
}

/// English is about four bytes a token; said to be an estimate, and used only where the vendor reports nothing.
uint64_t estimated_tokens(const std::vector<Choice>& choices) {
  size_t bytes = 0;
  for (const Choice& choice : choices)
    bytes += choice.message.content().size() + choice.message.reasoning_content().size() +
             choice.message.tool_calls_json().size();
  return (bytes + 3) / 4;
}

void keep(std::vector<Draft> drafts, Outcome& outcome) {
  // Pair numbers follow the vendor's own index, whatever order the choices come in.
  std::stable_sort(drafts.begin(), drafts.end(), [](const Draft& a, const Draft& b) { return a.index < b.index; });
  outcome.choices.reserve(drafts.size());
  for (Draft& draft : drafts) {
    draft.choice.truncated |= draft.broken;
    outcome.choices.push_back(std::move(draft.choice));
  }
  const bool refused =
      std::all_of(outcome.choices.begin(), outcome.choices.end(), [](const Choice& choice) { return choice.refused; });
  outcome.kind = refused ? v1::REFUSED : v1::ANSWERED;
  outcome.retry = Retry::kPermanent;
}

}  // namespace

Outcome read_chat_answer(const JsonBody& body) {
  if (!body.is_object()) return no_answer("not_json", body.error().empty() ? "not a JSON object" : body.error());
  const dom::object& root = body.object();
  dom::array elements;
  if (root.at_key("choices").get(elements) != simdjson::SUCCESS || elements.size() == 0)
    return no_answer("no_choices", "the response holds no choices");

  std::vector<Draft> drafts;
  drafts.reserve(elements.size());
  bool wants_slices = false;
  for (const dom::element element : elements) {
    Draft& draft = drafts.emplace_back();
    if (!read_choice(element, draft)) return no_answer("no_message", "a choice holds no message");
    wants_slices |= draft.has_tool_calls || draft.has_logprobs;
  }
  if (std::all_of(drafts.begin(), drafts.end(), [](const Draft& draft) { return draft.broken; })) {
    const std::string reason = drafts.front().choice.finish_reason;
    return no_answer(reason.empty() ? "error" : reason, "the teacher broke off the answer");
  }
  if (wants_slices) {
    const std::vector<ChoiceSlices> slices = raw_slices(body.text());
    for (size_t i = 0; i < std::min(slices.size(), drafts.size()); ++i) {
      if (drafts[i].has_tool_calls) drafts[i].choice.message.set_tool_calls_json(slices[i].tool_calls);
      if (drafts[i].has_logprobs) drafts[i].choice.logprobs_json = slices[i].logprobs;
    }
  }

  Outcome outcome;
  keep(std::move(drafts), outcome);
  outcome.model_reported = string_at(root, "model");
  outcome.system_fingerprint = string_at(root, "system_fingerprint");
  outcome.request_id = string_at(root, "id");
  if (!read_openai_usage(root, outcome.usage)) outcome.usage.set_output_tokens(estimated_tokens(outcome.choices));
  return outcome;
}

}  // namespace harvest::dialect

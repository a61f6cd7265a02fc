#include "service/dialect/openai/openai_chat_message.h"

#include <algorithm>
#include <array>

#include "service/dialect/soft_labels.h"
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

void append(std::string& text, std::string_view more) {
  text.append(more.data(), more.size());
}

/// Mistral sends content as chunks: {type: text, text} and {type: thinking, thinking: [{type: text, text}]}.
void append_chunks(const dom::array& parts, v1::Message& message) {
  for (const dom::element element : parts) {
    dom::object part;
    if (element.get(part) != simdjson::SUCCESS) continue;
    if (const std::string_view text = string_at(part, "text"); !text.empty()) append(*message.mutable_content(), text);
    dom::array thoughts;
    if (part.at_key("thinking").get(thoughts) != simdjson::SUCCESS) {
      if (const std::string_view thought = string_at(part, "thinking"); !thought.empty())
        append(*message.mutable_reasoning_content(), thought);
      continue;
    }
    for (const dom::element thought : thoughts) {
      dom::object inner;
      if (thought.get(inner) == simdjson::SUCCESS)
        append(*message.mutable_reasoning_content(), string_at(inner, "text"));
    }
  }
}

}  // namespace

void append_chat_texts(const dom::object& object, ChoiceDraft& draft) {
  v1::Message& message = draft.choice.message;
  std::string_view reasoning = string_at(object, "reasoning_content");
  if (reasoning.empty()) reasoning = string_at(object, "reasoning");
  if (!reasoning.empty()) append(*message.mutable_reasoning_content(), reasoning);
  dom::array parts;
  if (object.at_key("content").get(parts) == simdjson::SUCCESS) {
    append_chunks(parts, message);
  } else if (const std::string_view content = string_at(object, "content"); !content.empty()) {
    append(*message.mutable_content(), content);
  }
  if (const std::string_view refusal = string_at(object, "refusal"); !refusal.empty()) {
    if (message.content().empty() || draft.choice.refused) append(*message.mutable_content(), refusal);
    draft.choice.refused = true;
    draft.refusal_code = "refusal";
  }
}

void read_chat_logprobs(const dom::object& logprobs, v1::SoftLabels& labels) {
  read_openai_logprobs(logprobs, labels);
  read_block_logprobs(logprobs, labels);
}

void end_chat_choice(std::string_view finish_reason, ChoiceDraft& draft) {
  Choice& choice = draft.choice;
  choice.finish_reason = vendor_code(finish_reason);
  choice.truncated = is_one_of(choice.finish_reason, kCapReasons);
  choice.refused |= choice.finish_reason == "content_filter";
  draft.broken = is_one_of(choice.finish_reason, kBrokenReasons);
  draft.ended = true;
}

}  // namespace harvest::dialect

#include "service/dialect/bedrock/bedrock_message.h"

#include <algorithm>
#include <utility>

#include "service/dialect/answer_draft.h"
#include "service/dialect/json_body.h"
#include "service/dialect/token_count.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

constexpr size_t kModelBytesMax = 2048;  // an ARN's

/// AWS's own tools answer within the message: no calls for us.
bool is_ours(const dom::object& call) {
  return string_at(call, "type") != "server_tool_use";
}

bool is_refusal(std::string_view reason) {
  return reason == "guardrail_intervened" || reason == "content_filtered";
}

bool is_cut(std::string_view reason) {
  return reason == "max_tokens" || reason == "model_context_window_exceeded";
}

bool is_malformed(std::string_view reason) {
  return reason == "malformed_model_output" || reason == "malformed_tool_use";
}

/// Tokens written to the cache for an hour, by the list that tells how long.
uint64_t written_for_an_hour(const dom::object& usage) {
  dom::array details;
  uint64_t tokens = 0;
  if (usage.at_key("cacheDetails").get(details) != simdjson::SUCCESS) return 0;
  for (const dom::element element : details)
    if (dom::object detail; element.get(detail) == simdjson::SUCCESS && string_at(detail, "ttl") == "1h")
      tokens += token_count_at(detail, "inputTokens").value_or(0);
  return tokens;
}

}  // namespace

v1::Usage bedrock_usage(const dom::object& object) {
  v1::Usage usage;
  const auto input = token_count_at(object, "inputTokens"), output = token_count_at(object, "outputTokens");
  if (!input || !output) return usage;
  const uint64_t read = token_count_at(object, "cacheReadInputTokens").value_or(0);
  const uint64_t written = token_count_at(object, "cacheWriteInputTokens").value_or(0);
  const uint64_t long_lived = std::min(written, written_for_an_hour(object));
  usage.set_reported(true);
  usage.set_input_tokens(*input + read + written);
  usage.set_cached_input_tokens(read);
  usage.set_cache_write_tokens(written - long_lived);
  usage.set_cache_write_long_tokens(long_lived);
  usage.set_output_tokens(*output);
  return usage;
}

void BedrockMessage::add_block(int64_t index, const dom::object& object, std::string_view input_json) {
  Block& block = blocks_[index];
  block.text += string_at(object, "text");
  dom::object inner, text;
  if (object_at(object, "reasoningContent", inner) && object_at(inner, "reasoningText", text))
    block.thought += string_at(text, "text");
  if (begin_block(index, object)) block.input = input_json;
}

bool BedrockMessage::begin_block(int64_t index, const dom::object& start) {
  dom::object call;
  if (!object_at(start, "toolUse", call) || !is_ours(call)) return false;
  Block& block = blocks_[index];
  block.is_call = true;
  block.id = string_at(call, "toolUseId");
  block.name = string_at(call, "name");
  return true;
}

bool BedrockMessage::append(int64_t index, const dom::object& delta) {
  const auto add = [&](std::string Block::*field, std::string_view piece) {
    if (piece.empty()) return false;
    (blocks_[index].*field) += piece;
    return true;
  };
  bool added = add(&Block::text, string_at(delta, "text"));
  dom::object inner;
  if (object_at(delta, "reasoningContent", inner)) added |= add(&Block::thought, string_at(inner, "text"));
  if (object_at(delta, "toolUse", inner)) added |= add(&Block::input, string_at(inner, "input"));
  return added;
}

void BedrockMessage::set_stop_reason(std::string_view reason) {
  stop_reason_ = vendor_code(reason);
}

void BedrockMessage::read_metadata(const dom::object& metadata) {
  dom::object inner, router;
  if (object_at(metadata, "usage", inner)) usage_ = bedrock_usage(inner);
  if (object_at(metadata, "trace", inner) && object_at(inner, "promptRouter", router))
    model_ = vendor_words(string_at(router, "invokedModelId"), kModelBytesMax);
}

Outcome BedrockMessage::finish() {
  AnswerDraft answer;
  ChoiceDraft& draft = *answer.choice(0);
  std::string content, thoughts;
  for (auto& [index, block] : blocks_) {
    content += block.text;
    if (!block.thought.empty()) thoughts.append(thoughts.empty() ? "" : "\n\n").append(block.thought);
    if (!block.is_call) continue;
    if (block.input.empty()) block.input = "{}";
    draft.tool_calls.push_back(
        {.id = std::move(block.id), .name = std::move(block.name), .arguments = std::move(block.input)});
  }
  draft.choice.message.set_content(std::move(content));
  if (!thoughts.empty()) draft.choice.message.set_reasoning_content(std::move(thoughts));
  draft.choice.refused = is_refusal(stop_reason_);
  draft.choice.truncated = is_cut(stop_reason_);
  draft.broken = is_malformed(stop_reason_);
  draft.choice.finish_reason = std::move(stop_reason_);
  Outcome outcome = answer.finish(std::move(usage_));
  outcome.model_reported = std::move(model_);
  return outcome;
}

}  // namespace harvest::dialect

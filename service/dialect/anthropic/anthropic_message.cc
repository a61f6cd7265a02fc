#include "service/dialect/anthropic/anthropic_message.h"

#include <algorithm>
#include <utility>

#include "service/dialect/answer_draft.h"
#include "service/dialect/json_body.h"
#include "service/dialect/json_text.h"
#include "service/dialect/token_count.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

void keep_count(const dom::object& object, std::string_view key, std::optional<uint64_t>& count) {
  if (const auto found = token_count_at(object, key)) count = found;
}

/// Categories by which the vendor says that what was asked touches its terms.
bool alerts(std::string_view category) {
  return category == "frontier_llm" || category == "reasoning_extraction";
}

}  // namespace

void AnthropicUsage::read_input(const dom::object& usage) {
  if (const std::string_view tier = string_at(usage, "service_tier"); !tier.empty()) tier_ = vendor_code(tier);
  keep_count(usage, "input_tokens", input_);
  keep_count(usage, "cache_read_input_tokens", cache_read_);
  keep_count(usage, "cache_creation_input_tokens", cache_written_);
  dom::object inner;
  if (object_at(usage, "cache_creation", inner)) {
    keep_count(inner, "ephemeral_5m_input_tokens", written_short_);
    keep_count(inner, "ephemeral_1h_input_tokens", written_long_);
  }
}

void AnthropicUsage::read(const dom::object& usage) {
  read_input(usage);
  keep_count(usage, "output_tokens", output_);
  dom::object inner;
  if (object_at(usage, "output_tokens_details", inner)) keep_count(inner, "thinking_tokens", thinking_);
}

v1::Usage AnthropicUsage::total() const {
  v1::Usage usage;
  if (!input_ || !output_) return usage;
  const uint64_t long_lived = written_long_.value_or(0);
  // The sum and its parts should agree; where they do not, nothing that was billed is left out.
  const uint64_t written = std::max(cache_written_.value_or(0), written_short_.value_or(0) + long_lived);
  usage.set_reported(true);
  usage.set_input_tokens(*input_ + cache_read_.value_or(0) + written);
  usage.set_cached_input_tokens(cache_read_.value_or(0));
  usage.set_cache_write_tokens(written - long_lived);
  usage.set_cache_write_long_tokens(long_lived);
  usage.set_output_tokens(*output_);
  usage.set_reasoning_tokens(std::min(thinking_.value_or(0), *output_));
  return usage;
}

void AnthropicMessage::begin_block(int64_t index, const dom::object& object, std::string_view input_json) {
  const std::string_view type = string_at(object, "type");
  Block& block = blocks_[index];
  if (type == "text") {
    block.kind = Kind::kText;
    block.text += string_at(object, "text");
  } else if (type == "thinking") {
    block.kind = Kind::kThinking;
    block.text += string_at(object, "thinking");
  } else if (type == "tool_use") {
    block.kind = Kind::kToolUse;
    block.id = string_at(object, "id");
    block.name = string_at(object, "name");
    block.whole_input = input_json;
  }
}

bool AnthropicMessage::append(int64_t index, const dom::object& delta) {
  const std::string_view type = string_at(delta, "type");
  const auto add = [&](Kind kind, std::string Block::*field, std::string_view key) {
    const std::string_view piece = string_at(delta, key);
    if (piece.empty()) return false;
    Block& block = blocks_[index];
    if (block.kind == Kind::kOther && (kind != Kind::kToolUse)) block.kind = kind;  // its beginning said nothing
    if (block.kind != kind) return false;
    (block.*field) += piece;
    return true;
  };
  if (type == "text_delta") return add(Kind::kText, &Block::text, "text");
  if (type == "thinking_delta") return add(Kind::kThinking, &Block::text, "thinking");
  if (type == "input_json_delta") return add(Kind::kToolUse, &Block::input, "partial_json");
  return false;
}

void AnthropicMessage::read_head(const dom::object& message) {
  if (const std::string_view id = string_at(message, "id"); !id.empty()) id_ = id;
  if (const std::string_view model = string_at(message, "model"); !model.empty()) model_ = model;
}

void AnthropicMessage::read_end(const dom::object& ending) {
  if (const std::string_view reason = string_at(ending, "stop_reason"); !reason.empty())
    stop_reason_ = vendor_code(reason);
  dom::object details;
  if (!object_at(ending, "stop_details", details)) return;
  if (const std::string_view category = string_at(details, "category"); !category.empty())
    category_ = vendor_code(category);
  if (const std::string_view words = string_at(details, "explanation"); !words.empty())
    explanation_ = vendor_words(words);
}

Outcome AnthropicMessage::finish() {
  AnswerDraft answer;
  ChoiceDraft& draft = *answer.choice(0);
  std::string& content = *draft.choice.message.mutable_content();
  std::string thoughts;
  for (auto& [index, block] : blocks_) {
    if (block.kind == Kind::kText) content += block.text;
    if (block.kind == Kind::kThinking && !block.text.empty())
      thoughts.append(thoughts.empty() ? "" : "\n\n").append(block.text);
    if (block.kind != Kind::kToolUse) continue;
    std::string& input = block.input.empty() ? block.whole_input : block.input;
    if (input.empty()) input = "{}";
    draft.tool_calls.push_back(
        {.id = std::move(block.id), .name = std::move(block.name), .arguments = std::move(input)});
  }
  if (!thoughts.empty()) draft.choice.message.set_reasoning_content(std::move(thoughts));
  const bool refused = stop_reason_ == "refusal";
  draft.choice.refused = refused;
  draft.choice.truncated =
      stop_reason_ == "max_tokens" || stop_reason_ == "model_context_window_exceeded" || stop_reason_ == "pause_turn";
  draft.choice.finish_reason = std::move(stop_reason_);
  Outcome outcome = answer.finish(usage_.total());
  outcome.model_reported = std::move(model_);
  outcome.request_id = std::move(id_);
  outcome.service_tier = usage_.service_tier();
  if (!refused) return outcome;
  if (alerts(category_)) outcome.rights_alert = category_;
  outcome.vendor_code = category_.empty() ? "refusal" : std::move(category_);
  outcome.message = std::move(explanation_);
  return outcome;
}

}  // namespace harvest::dialect

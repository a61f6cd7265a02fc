#include "tests/teachersim/dialects/anthropic_answer.h"

namespace teachersim {
namespace {

namespace json = boost::json;

json::array blocks_of(const AnthropicRequest& request, const Utterance& utterance) {
  json::array blocks;
  if (utterance.thinking_tokens > 0) {
    blocks.push_back({{"type", "thinking"},
                      {"thinking", request.shows_thinking ? std::string_view(utterance.thinking) : ""},
                      {"signature", anthropic_signature(utterance.thinking)}});
  }
  if (!utterance.tool.empty()) {
    blocks.push_back({{"type", "tool_use"},
                      {"id", "toolu_" + utterance.call_id},
                      {"name", utterance.tool},
                      {"input", json::parse(utterance.arguments)}});
  } else if (!utterance.text.empty()) {
    blocks.push_back({{"type", "text"}, {"text", utterance.text}, {"citations", nullptr}});
  }
  return blocks;
}

std::string_view stop_reason(Utterance::End end) {
  switch (end) {
    case Utterance::End::kStopped:
      return "stop_sequence";
    case Utterance::End::kCut:
      return "max_tokens";
    case Utterance::End::kToolCall:
      return "tool_use";
    case Utterance::End::kRefused:
      return "refusal";
    case Utterance::End::kDone:
      break;
  }
  return "end_turn";
}

json::value stop_details(const Utterance& utterance, const Stamp& stamp) {
  if (utterance.end != Utterance::End::kRefused) return nullptr;
  json::value category;
  json::value explanation;
  if (!stamp.refusal_code.empty()) {
    category = stamp.refusal_code;
    explanation = "This request was declined under the policy on " + stamp.refusal_code + ".";
  }
  return {{"type", "refusal"}, {"category", category}, {"explanation", explanation}};
}

/// The vendor's input tokens leave out what was read from the cache.
json::object anthropic_usage(const Usage& usage, bool batched = false) {
  return {{"input_tokens", usage.input_tokens - usage.cached_tokens},
          {"cache_creation_input_tokens", 0},
          {"cache_read_input_tokens", usage.cached_tokens},
          {"cache_creation", {{"ephemeral_5m_input_tokens", 0}, {"ephemeral_1h_input_tokens", 0}}},
          {"output_tokens", usage.output_tokens},
          {"output_tokens_details", {{"thinking_tokens", usage.reasoning_tokens}}},
          {"service_tier", batched ? "batch" : "standard"}};
}

}  // namespace

json::object anthropic_message(const AnthropicRequest& request, const Utterance& utterance, const Usage& usage,
                               const Stamp& stamp) {
  return {{"id", stamp.id},
          {"type", "message"},
          {"role", "assistant"},
          {"model", request.model},
          {"content", blocks_of(request, utterance)},
          {"stop_reason", stop_reason(utterance.end)},
          {"stop_sequence", utterance.stop.empty() ? json::value() : json::value(utterance.stop)},
          {"stop_details", stop_details(utterance, stamp)},
          {"usage", anthropic_usage(usage, stamp.batched)}};
}

}  // namespace teachersim

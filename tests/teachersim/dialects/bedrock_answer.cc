#include "tests/teachersim/dialects/bedrock_answer.h"

#include "tests/teachersim/answers/pieces.h"
#include "tests/teachersim/dialects/anthropic_request.h"
#include "tests/teachersim/dialects/event_stream.h"

namespace teachersim {
namespace {

namespace json = boost::json;

std::string converse_stop_reason(const Utterance& said, const Stamp& stamp) {
  switch (said.end) {
    case Utterance::End::kStopped:
      return "stop_sequence";
    case Utterance::End::kCut:
      return "max_tokens";
    case Utterance::End::kToolCall:
      return "tool_use";
    case Utterance::End::kRefused:
      return stamp.refusal_code.empty() ? "content_filtered" : stamp.refusal_code;
    case Utterance::End::kDone:
      break;
  }
  return "end_turn";
}

json::array converse_blocks(const Utterance& said) {
  json::array blocks;
  if (said.thinking_tokens > 0) {
    json::object thought{{"text", said.thinking}, {"signature", anthropic_signature(said.thinking)}};
    blocks.push_back(json::object{{"reasoningContent", json::object{{"reasoningText", std::move(thought)}}}});
  }
  if (!said.tool.empty()) {
    json::object use{
        {"toolUseId", "tooluse_" + said.call_id}, {"name", said.tool}, {"input", json::parse(said.arguments)}};
    blocks.push_back(json::object{{"toolUse", std::move(use)}});
  } else if (!said.text.empty()) {
    blocks.push_back(json::object{{"text", said.text}});
  }
  return blocks;
}

class ConverseStream {
 public:
  explicit ConverseStream(std::size_t piece) : piece_(piece) {}

  std::vector<std::string> write(const json::object& response) {
    add("messageStart", {{"role", "assistant"}});
    for (const json::value& block : response.at("output").at("message").at("content").as_array())
      add_block(block.as_object());
    add("messageStop", {{"stopReason", response.at("stopReason")}});
    add("metadata", {{"usage", response.at("usage")}, {"metrics", response.at("metrics")}});
    return std::move(events_);
  }

 private:
  void add(std::string_view name, const json::object& payload) {
    events_.push_back(event_stream_message("event", name, json::serialize(payload)));
  }

  void add_delta(json::object delta) {
    add("contentBlockDelta", {{"contentBlockIndex", index_}, {"delta", std::move(delta)}});
  }

  /// Only the use of a tool is announced.
  void add_block(const json::object& block) {
    if (const json::value* use = block.if_contains("toolUse")) {
      add("contentBlockStart",
          {{"contentBlockIndex", index_},
           {"start", {{"toolUse", {{"toolUseId", use->at("toolUseId")}, {"name", use->at("name")}}}}}});
      const std::string input = json::serialize(use->at("input"));  // the pieces point into it
      for (const std::string_view piece : pieces_of(input, piece_)) add_delta({{"toolUse", {{"input", piece}}}});
    } else if (const json::value* reasoning = block.if_contains("reasoningContent")) {
      const json::value& text = reasoning->at("reasoningText");
      for (const std::string_view piece : pieces_of(text.at("text").as_string(), piece_))
        add_delta({{"reasoningContent", {{"text", piece}}}});
      add_delta({{"reasoningContent", {{"signature", text.at("signature")}}}});
    } else {
      for (const std::string_view piece : pieces_of(block.at("text").as_string(), piece_)) add_delta({{"text", piece}});
    }
    add("contentBlockStop", {{"contentBlockIndex", index_++}});
  }

  const std::size_t piece_;
  int index_ = 0;
  std::vector<std::string> events_;
};

}  // namespace

json::object bedrock_response(const Utterance& said, const Usage& usage, const Stamp& stamp) {
  constexpr int kLatencyMs = 20;
  return {{"metrics", {{"latencyMs", kLatencyMs}}},
          {"output", {{"message", {{"content", converse_blocks(said)}, {"role", "assistant"}}}}},
          {"stopReason", converse_stop_reason(said, stamp)},
          {"usage",
           {{"inputTokens", usage.input_tokens - usage.cached_tokens},
            {"outputTokens", usage.output_tokens},
            {"totalTokens", usage.input_tokens + usage.output_tokens},
            {"cacheReadInputTokens", usage.cached_tokens},
            {"cacheWriteInputTokens", 0}}}};
}

std::vector<std::string> bedrock_events(const json::object& response, std::size_t piece) {
  return ConverseStream(piece).write(response);
}

}  // namespace teachersim

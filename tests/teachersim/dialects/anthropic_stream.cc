#include "tests/teachersim/answers/pieces.h"
#include "tests/teachersim/dialects/anthropic_answer.h"

namespace teachersim {
namespace {

namespace json = boost::json;

class MessageStream {
 public:
  explicit MessageStream(std::size_t piece) : piece_(piece) {}

  std::vector<std::string> write(const json::object& message) {
    json::object opening = message;
    opening["content"] = json::array();
    opening["stop_reason"] = nullptr;
    opening["stop_sequence"] = nullptr;
    opening["stop_details"] = nullptr;
    opening.at("usage").as_object()["output_tokens"] = 1;  // what is known at the beginning
    opening.at("usage").as_object().erase("output_tokens_details");
    add({{"type", "message_start"}, {"message", std::move(opening)}});
    add({{"type", "ping"}});
    for (const json::value& block : message.at("content").as_array()) add_block(block.as_object());
    json::object delta;
    for (const char* name : {"stop_reason", "stop_sequence", "stop_details"}) delta[name] = message.at(name);
    json::object usage;
    for (const char* name : {"input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens",
                             "output_tokens_details"}) {
      usage[name] = message.at("usage").at(name);
    }
    add({{"type", "message_delta"}, {"delta", std::move(delta)}, {"usage", std::move(usage)}});
    add({{"type", "message_stop"}});
    return std::move(events_);
  }

 private:
  void add(const json::object& data) {
    events_.push_back(sse_event(std::string_view(data.at("type").as_string()), json::serialize(data)));
  }

  void add_delta(const char* type, const char* field, std::string_view text) {
    add({{"type", "content_block_delta"}, {"index", index_}, {"delta", {{"type", type}, {field, text}}}});
  }

  void add_deltas(const char* type, const char* field, std::string_view text) {
    for (const std::string_view piece : pieces_of(text, piece_)) add_delta(type, field, piece);
  }

  /// A block begins empty, grows by deltas, and is stopped.
  void add_block(const json::object& block) {
    json::object opening = block;
    const json::string& type = block.at("type").as_string();
    if (type == "tool_use") {
      opening["input"] = json::object();
    } else {
      opening[type] = "";
      if (type == "thinking") opening["signature"] = "";
    }
    add({{"type", "content_block_start"}, {"index", index_}, {"content_block", std::move(opening)}});
    if (type == "tool_use") {
      add_delta("input_json_delta", "partial_json", "");
      add_deltas("input_json_delta", "partial_json", json::serialize(block.at("input")));
    } else if (type == "thinking") {
      add_deltas("thinking_delta", "thinking", block.at("thinking").as_string());
      add_delta("signature_delta", "signature", block.at("signature").as_string());
    } else {
      add_deltas("text_delta", "text", block.at("text").as_string());
    }
    add({{"type", "content_block_stop"}, {"index", index_++}});
  }

  const std::size_t piece_;
  int index_ = 0;
  std::vector<std::string> events_;
};

}  // namespace

std::vector<std::string> anthropic_events(const json::object& message, std::size_t piece) {
  return MessageStream(piece).write(message);
}

}  // namespace teachersim

#include "service/dialect/anthropic/anthropic_stream.h"

#include <optional>
#include <string>

#include "service/dialect/anthropic/anthropic_errors.h"
#include "service/dialect/anthropic/anthropic_message.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/json_body.h"
#include "service/dialect/typed_stream.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

int64_t index_of(const dom::object& event) {
  int64_t index = 0;
  return event.at_key("index").get(index) == simdjson::SUCCESS ? index : 0;
}

/// The input that came with a block; servers that send it in pieces begin with {}.
std::string input_of(const dom::object& block) {
  dom::object input;
  return object_at(block, "input", input) && input.size() > 0 ? simdjson::to_string(input) : std::string();
}

class MessageStream final : public TypedStream {
 public:
  using TypedStream::TypedStream;

 protected:
  std::optional<Outcome> read_typed(const JsonBody& data, std::string_view type) override {
    const dom::object& root = data.object();
    if (type == "message_stop") return finish();
    if (type == "message_start") start(root);
    if (type == "content_block_start") begin_block(root);
    if (type == "content_block_delta") append(root);
    if (type == "message_delta") read_end(root);
    return std::nullopt;
  }

  Outcome read_error(const dom::object& event) const override { return embedded_anthropic_error(event, false); }

 private:
  void start(const dom::object& root) {
    dom::object message;
    if (!object_at(root, "message", message)) return;
    started_ = true;
    message_.read_head(message);
    // Its output is what was written so far: no figure of the whole.
    if (dom::object usage; object_at(message, "usage", usage)) message_.usage().read_input(usage);
  }

  void begin_block(const dom::object& root) {
    dom::object block;
    if (!object_at(root, "content_block", block)) return;
    message_.begin_block(index_of(root), block, input_of(block));
    if (string_at(block, "type") == "tool_use") see_token();
  }

  void append(const dom::object& root) {
    if (dom::object delta; object_at(root, "delta", delta) && message_.append(index_of(root), delta)) see_token();
  }

  void read_end(const dom::object& root) {
    message_.read_end(root);  // where some servers put the details
    if (dom::object delta; object_at(root, "delta", delta)) message_.read_end(delta);
    if (dom::object usage; object_at(root, "usage", usage)) message_.usage().read(usage);
  }

  Outcome finish() {
    return started_ ? message_.finish() : no_answer("no_message", "the stream ended without having begun a message");
  }

  AnthropicMessage message_;
  bool started_ = false;
};

}  // namespace

Outcome read_anthropic_stream(std::string_view body, size_t slack) {
  return MessageStream(body, slack).read();
}

}  // namespace harvest::dialect

#include "service/dialect/openai/openai_responses_stream.h"

#include <optional>

#include "service/dialect/json_body.h"
#include "service/dialect/openai/openai_responses_answer.h"
#include "service/dialect/typed_stream.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

bool is_terminal(std::string_view type) {
  return type == "response.completed" || type == "response.incomplete" || type == "response.failed" || type == "error";
}

/// Text, a refusal, reasoning or a tool call, in pieces.
bool is_token(std::string_view type) {
  return type.starts_with("response.") && type.ends_with(".delta");
}

class ResponsesStream final : public TypedStream {
 public:
  using TypedStream::TypedStream;

 protected:
  /// Nearly all events are named, and need not be parsed.
  bool skips(std::string_view name) override {
    if (!name.starts_with("response.") || is_terminal(name)) return false;
    if (is_token(name)) see_token();
    return true;
  }

  std::optional<Outcome> read_typed(const JsonBody& data, std::string_view type) override {
    dom::object response;
    if (is_terminal(type) && object_at(data.object(), "response", response))
      return read_response_object(response, data.text(), false);
    if (is_token(type)) see_token();
    return std::nullopt;
  }
};

}  // namespace

Outcome read_responses_stream(std::string_view body, size_t slack) {
  return ResponsesStream(body, slack).read();
}

}  // namespace harvest::dialect

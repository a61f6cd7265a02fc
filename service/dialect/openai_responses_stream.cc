#include "service/dialect/openai_responses_stream.h"

#include <optional>

#include "service/dialect/error_outcome.h"
#include "service/dialect/json_body.h"
#include "service/dialect/openai_responses_answer.h"
#include "service/dialect/sse.h"
#include "service/dialect/vendor_words.h"

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

class ResponsesStream {
 public:
  ResponsesStream(std::string_view body, size_t slack) : body_(body), slack_(slack), events_(body) {}

  Outcome read() {
    SseEvent event;
    size_t count = 0;
    std::optional<Outcome> end;
    while (!end && events_.next(event)) {
      ++count;
      end = read_event(event);
    }
    if (!end) {
      Outcome cut = stream_cut(body_.size(), count);
      if (!last_.empty()) cut.message += ", the last one " + last_;
      return cut;
    }
    if (!end->choices.empty()) end->first_token_end = first_token_end_.value_or(events_.offset());
    return *std::move(end);
  }

 private:
  /// The outcome, if this event is the last.
  std::optional<Outcome> read_event(const SseEvent& event) {
    // Nearly all events are named, and need not be parsed.
    if (event.name.starts_with("response.") && !is_terminal(event.name)) {
      pass(event.name);
      return std::nullopt;
    }
    const JsonBody data(event.data, JsonBody::slack_behind(event.data, body_, slack_));
    if (!data.is_object()) {
      if (event.name == "error") return embedded_outcome(read_vendor_error(event.data), false);
      return std::nullopt;  // [DONE], or cut short
    }
    const dom::object& root = data.object();
    const std::string_view stated = string_at(root, "type");
    const std::string_view type = stated.empty() ? event.name : stated;
    dom::object response;
    if (type == "error" || (stated.empty() && truthy_at(root, "error")))
      return embedded_outcome(read_vendor_error(root), false);
    if (is_terminal(type) && object_at(root, "response", response))
      return read_response_object(response, data.text(), false);
    pass(type);
    return std::nullopt;
  }

  void pass(std::string_view type) {
    last_ = vendor_code(type);
    if (!first_token_end_ && is_token(type)) first_token_end_ = events_.offset();
  }

  std::string_view body_;
  size_t slack_;
  SseSplitter events_;
  std::string last_;
  std::optional<size_t> first_token_end_;
};

}  // namespace

Outcome read_responses_stream(std::string_view body, size_t slack) {
  return ResponsesStream(body, slack).read();
}

}  // namespace harvest::dialect

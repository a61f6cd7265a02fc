#include "service/dialect/bedrock/bedrock_converse_stream.h"

#include <optional>
#include <string>

#include "service/dialect/bedrock/bedrock_errors.h"
#include "service/dialect/bedrock/bedrock_message.h"
#include "service/dialect/bedrock/event_stream.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/json_body.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

int64_t index_of(const dom::object& event) {
  int64_t index = 0;
  return event.at_key("contentBlockIndex").get(index) == simdjson::SUCCESS ? index : 0;
}

/// An event without which the answer would be another.
bool is_part(std::string_view name) {
  return name == "messageStart" || name == "contentBlockStart" || name == "contentBlockDelta" || name == "messageStop";
}

class ConverseStream {
 public:
  ConverseStream(std::string_view body, size_t slack) : body_(body), slack_(slack), messages_(body) {}

  Outcome read() {
    EventStreamMessage message;
    while (messages_.next(message)) {
      ++count_;
      std::optional<Outcome> failure = read_message(message);
      if (!failure) continue;
      if (stopped_) break;  // behind the answer, which is paid for
      if (first_token_end_) note_begun(*failure);
      return *std::move(failure);
    }
    if (!stopped_) return broken_off();
    if (!started_) return no_answer("no_message", "the stream ended without having begun a message");
    Outcome outcome = message_.finish();
    if (!outcome.choices.empty()) outcome.first_token_end = first_token_end_.value_or(messages_.offset());
    return outcome;
  }

 private:
  std::optional<Outcome> read_message(const EventStreamMessage& message) {
    if (message.message_type == "error") return bedrock_exception(message.name, message.words, false);
    const JsonBody data(message.payload, JsonBody::slack_behind(message.payload, body_, slack_));
    if (message.message_type == "exception") {
      const std::string_view told = data.is_object() ? bedrock_exception_words(data.object()) : std::string_view();
      return bedrock_exception(message.name, told.empty() ? message.payload : told, false);
    }
    last_ = vendor_code(message.name);
    if (data.is_object()) {
      read_event(message.name, data.object());
    } else if (is_part(message.name)) {
      return no_answer("not_json", last_ + ": " + (data.error().empty() ? "not a JSON object" : data.error()));
    }
    return std::nullopt;
  }

  void read_event(std::string_view name, const dom::object& event) {
    dom::object inner;
    started_ |= is_part(name) && name != "messageStop";
    if (name == "contentBlockStart" && object_at(event, "start", inner))
      see_token(message_.begin_block(index_of(event), inner));
    if (name == "contentBlockDelta" && object_at(event, "delta", inner))
      see_token(message_.append(index_of(event), inner));
    if (name == "messageStop") {
      stopped_ = true;
      message_.set_stop_reason(string_at(event, "stopReason"));
    }
    if (name == "metadata") message_.read_metadata(event);
  }

  void see_token(bool seen) {
    if (seen && !first_token_end_) first_token_end_ = messages_.offset();
  }

  Outcome broken_off() const {
    Outcome outcome = stream_cut(body_.size(), count_);
    if (!last_.empty()) outcome.message += ", the last one " + last_;
    if (messages_.stop() == EventStreamSplitter::Stop::kDamaged) {
      outcome.vendor_code = "stream_damaged";
      outcome.message += "; then came bytes whose checksum or form is wrong";
    }
    return outcome;
  }

  std::string_view body_;
  size_t slack_;
  EventStreamSplitter messages_;
  BedrockMessage message_;
  bool started_ = false, stopped_ = false;
  size_t count_ = 0;
  std::string last_;
  std::optional<size_t> first_token_end_;
};

}  // namespace

Outcome read_converse_stream(std::string_view body, size_t slack) {
  return ConverseStream(body, slack).read();
}

}  // namespace harvest::dialect

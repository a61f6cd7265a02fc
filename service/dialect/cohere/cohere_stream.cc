#include "service/dialect/cohere/cohere_stream.h"

#include <optional>

#include "service/dialect/cohere/cohere_message.h"
#include "service/dialect/cohere/cohere_slices.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/json_body.h"
#include "service/dialect/sse.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

class CohereStream {
 public:
  CohereStream(std::string_view body, size_t slack) : body_(body), slack_(slack), events_(body) {}

  Outcome read() {
    SseEvent event;
    while (!draft().ended && !failure_ && events_.next(event)) {
      ++count_;
      if (!read_event(event)) break;
      if (!first_token_end_ && has_token()) first_token_end_ = events_.offset();
    }
    if (failure_) {
      if (first_token_end_) note_begun(*failure_);
      return *std::move(failure_);
    }
    if (!draft().ended) return stream_cut(body_.size(), count_);
    if (!logprobs_.empty()) draft().choice.logprobs_json = "[" + logprobs_ + "]";
    Outcome outcome = answer_.finish(std::move(usage_));
    outcome.request_id = std::move(id_);
    if (!outcome.choices.empty()) outcome.first_token_end = first_token_end_;
    return outcome;
  }

 private:
  ChoiceDraft& draft() { return *answer_.choice(0); }

  bool has_token() {
    const v1::Message& message = draft().choice.message;
    return !message.content().empty() || !message.reasoning_content().empty() || !draft().tool_calls.empty();
  }

  /// False where it is no JSON object: an event cut short, or [DONE] without an end before it.
  bool read_event(const SseEvent& event) {
    if (event.data.empty()) return true;  // a sign of life
    const JsonBody data(event.data, JsonBody::slack_behind(event.data, body_, slack_));
    if (!data.is_object()) {
      if (event.name == "error") failure_ = embedded_outcome(read_vendor_error(event.data), false);
      return false;
    }
    const dom::object& root = data.object();
    const std::string_view stated = string_at(root, "type");
    const std::string_view type = stated.empty() ? event.name : stated;
    if (type == "error" || truthy_at(root, "error") || (stated.empty() && truthy_at(root, "message"))) {
      failure_ = embedded_outcome(read_vendor_error(root), false);
      return true;
    }
    if (id_.empty()) id_ = string_at(root, "id");
    dom::object delta, message;
    if (!object_at(root, "delta", delta)) return true;
    if (type == "message-end") return read_end(delta);
    if (object_at(delta, "message", message)) read_message(type, message);
    if (type.starts_with("content-")) read_logprobs(root, data);
    return true;
  }

  void read_message(std::string_view type, const dom::object& message) {
    dom::object inner;
    if (type.starts_with("content-") && object_at(message, "content", inner)) read_cohere_content(inner, draft());
    if (type == "tool-plan-delta")
      draft().choice.message.mutable_reasoning_content()->append(string_at(message, "tool_plan"));
    if (!type.starts_with("tool-call-") || !object_at(message, "tool_calls", inner)) return;
    // Calls come one after the other; their index is that of the message's items, thoughts among them.
    if (type == "tool-call-start") draft().tool_call(draft().tool_calls.size());
    if (!draft().tool_calls.empty()) read_cohere_call(inner, draft().tool_calls.back());
  }

  void read_logprobs(const dom::object& root, const JsonBody& data) {
    if (!truthy_at(root, "logprobs")) return;
    dom::object piece;
    dom::array pieces;
    if (object_at(root, "logprobs", piece)) read_cohere_logprobs(piece, draft().choice.soft_labels);
    if (root.at_key("logprobs").get(pieces) == simdjson::SUCCESS)
      for (const dom::element element : pieces)
        if (element.get(piece) == simdjson::SUCCESS) read_cohere_logprobs(piece, draft().choice.soft_labels);
    const std::string raw = cohere_logprobs(data.text());
    if (!logprobs_.empty() && !raw.empty()) logprobs_ += ',';
    logprobs_ += raw;
  }

  bool read_end(const dom::object& delta) {
    const std::string_view reason = string_at(delta, "finish_reason");
    if (truthy_at(delta, "error")) {
      failure_ = no_answer(reason.empty() ? "error" : vendor_code(reason), read_vendor_error(delta).message);
      return true;
    }
    if (reason.empty()) return false;
    read_cohere_finish(reason, draft());
    read_cohere_usage(delta, usage_);
    return true;
  }

  std::string_view body_;
  size_t slack_;
  SseSplitter events_;
  size_t count_ = 0;
  AnswerDraft answer_;
  std::string logprobs_, id_;
  v1::Usage usage_;
  std::optional<Outcome> failure_;
  std::optional<size_t> first_token_end_;
};

}  // namespace

Outcome read_cohere_stream(std::string_view body, size_t slack) {
  return CohereStream(body, slack).read();
}

}  // namespace harvest::dialect

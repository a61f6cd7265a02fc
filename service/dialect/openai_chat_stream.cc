#include "service/dialect/openai_chat_stream.h"

#include <algorithm>
#include <optional>

#include "service/dialect/answer_draft.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/json_body.h"
#include "service/dialect/json_text.h"
#include "service/dialect/openai_chat_message.h"
#include "service/dialect/openai_usage.h"
#include "service/dialect/raw_slices.h"
#include "service/dialect/sse.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

/// Fragments of tool calls are joined by their index; id and name come with the first.
void append_tool_calls(const dom::object& delta, ChoiceDraft& draft) {
  dom::array calls;
  if (delta.at_key("tool_calls").get(calls) != simdjson::SUCCESS) return;
  for (const dom::element element : calls) {
    dom::object call, function;
    if (element.get(call) != simdjson::SUCCESS) continue;
    uint64_t index = 0;
    if (call.at_key("index").get(index) != simdjson::SUCCESS)
      index = truthy_at(call, "id") || draft.tool_calls.empty() ? draft.tool_calls.size() : draft.tool_calls.size() - 1;
    ToolCallDraft& known = draft.tool_call(index);
    if (const std::string_view id = string_at(call, "id"); !id.empty()) known.id = id;
    if (!object_at(call, "function", function)) continue;
    if (const std::string_view name = string_at(function, "name"); !name.empty()) known.name = name;
    known.arguments += string_at(function, "arguments");
  }
}

class ChatStream {
 public:
  ChatStream(std::string_view body, size_t slack) : body_(body), slack_(slack), events_(body) {}

  Outcome read() {
    SseEvent event;
    while (!done_ && !failure_ && events_.next(event)) {
      ++count_;
      if (event.data == "[DONE]") {
        done_ = true;
      } else if (!read_event(event)) {
        break;
      }
    }
    if (failure_) return *std::move(failure_);
    if (!whole()) return stream_cut(body_.size(), count_);
    close_logprobs();
    Outcome outcome = answer_.finish(std::move(usage_));
    outcome.model_reported = std::move(model_);
    outcome.system_fingerprint = std::move(fingerprint_);
    outcome.request_id = std::move(id_);
    outcome.first_token_end = first_token_end_;
    return outcome;
  }

 private:
  /// False where it is no JSON: a line cut short.
  bool read_event(const SseEvent& event) {
    if (event.data.empty()) return true;  // a sign of life
    const JsonBody body(event.data, JsonBody::slack_behind(event.data, body_, slack_));
    if (!body.is_object()) {
      if (event.name == "error") failure_ = embedded_outcome(read_vendor_error(event.data), false);
      return event.name == "error";
    }
    const dom::object& root = body.object();
    dom::object groq;
    const bool has_groq = object_at(root, "x_groq", groq);
    if (event.name == "error" || truthy_at(root, "error")) {
      failure_ = embedded_outcome(read_vendor_error(root), false);
    } else if (has_groq && truthy_at(groq, "error")) {
      failure_ = embedded_outcome(read_vendor_error(groq), false);
    }
    if (failure_) return true;
    if (model_.empty()) model_ = string_at(root, "model");
    if (fingerprint_.empty()) fingerprint_ = string_at(root, "system_fingerprint");
    if (id_.empty()) id_ = string_at(root, "id");
    read_openai_usage(root, usage_);
    if (has_groq) read_openai_usage(groq, usage_);
    read_choices(body);
    return true;
  }

  void read_choices(const JsonBody& body) {
    dom::array elements;
    if (body.object().at_key("choices").get(elements) != simdjson::SUCCESS) return;
    size_t place = 0;
    std::optional<std::vector<ChoiceSlices>> slices;
    for (const dom::element element : elements) {
      const size_t at = place++;
      dom::object object, delta, logprobs;
      int64_t index = 0;
      if (element.get(object) != simdjson::SUCCESS) continue;
      if (object.at_key("index").get(index) != simdjson::SUCCESS) index = 0;
      ChoiceDraft* draft = answer_.choice(index);
      if (draft == nullptr) continue;
      if (object_at(object, "delta", delta)) {
        append_chat_texts(delta, *draft);
        append_tool_calls(delta, *draft);
        if (!first_token_end_ && has_token(*draft)) first_token_end_ = events_.offset();
      }
      if (object_at(object, "logprobs", logprobs)) {
        read_chat_logprobs(logprobs, draft->choice.soft_labels);
        if (!slices) slices = raw_slices(body.text());
        if (at < slices->size()) append_logprobs((*slices)[at].logprobs_content, *draft);
      }
      if (const std::string_view reason = string_at(object, "finish_reason"); !reason.empty())
        end_chat_choice(reason, *draft);
      draft->broken |= truthy_at(object, "error");
    }
  }

  static bool has_token(const ChoiceDraft& draft) {
    const v1::Message& message = draft.choice.message;
    return !message.content().empty() || !message.reasoning_content().empty() || !draft.tool_calls.empty();
  }

  /// Pieces of `logprobs.content` become one list, the server's own bytes.
  static void append_logprobs(std::string_view content, ChoiceDraft& draft) {
    const std::string_view inside = json_text::inside_object(content);  // brackets go as braces do
    if (inside.empty()) return;
    std::string& all = draft.choice.logprobs_json;
    all.append(all.empty() ? R"({"content":[)" : ",").append(inside);
  }

  void close_logprobs() {
    for (ChoiceDraft& draft : answer_.choices())
      if (!draft.choice.logprobs_json.empty()) draft.choice.logprobs_json += "]}";
  }

  bool whole() {
    const std::vector<ChoiceDraft>& choices = answer_.choices();
    return done_ || (!choices.empty() &&
                     std::all_of(choices.begin(), choices.end(), [](const ChoiceDraft& draft) { return draft.ended; }));
  }

  std::string_view body_;
  size_t slack_;
  SseSplitter events_;
  size_t count_ = 0;
  bool done_ = false;
  std::optional<Outcome> failure_;
  AnswerDraft answer_;
  v1::Usage usage_;
  std::string model_, fingerprint_, id_;
  std::optional<size_t> first_token_end_;
};

}  // namespace

Outcome read_chat_stream(std::string_view body, size_t slack) {
  return ChatStream(body, slack).read();
}

}  // namespace harvest::dialect

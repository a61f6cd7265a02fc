#include "service/dialect/openai/openai_chat_stream.h"

#include "service/dialect/json_text.h"
#include "service/dialect/openai/openai_chat_message.h"
#include "service/dialect/openai/openai_stream.h"
#include "service/dialect/openai/openai_usage.h"

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

class ChatStream final : public OpenAiStream {
 public:
  using OpenAiStream::OpenAiStream;

 private:
  bool append_piece(const dom::object& piece, ChoiceDraft& draft) override {
    dom::object delta, logprobs;
    if (object_at(piece, "delta", delta)) {
      append_chat_texts(delta, draft);
      append_tool_calls(delta, draft);
    }
    const bool has_logprobs = object_at(piece, "logprobs", logprobs);
    if (has_logprobs) read_chat_logprobs(logprobs, draft.choice.soft_labels);
    if (const std::string_view reason = string_at(piece, "finish_reason"); !reason.empty())
      end_chat_choice(reason, draft);
    draft.broken |= truthy_at(piece, "error");
    return has_logprobs;
  }

  std::string_view text_member() const override { return R"("content":)"; }

  /// Pieces of `logprobs.content` become one list, the server's own bytes.
  void append_logprobs(const ChoiceSlices& slices, ChoiceDraft& draft) override {
    const std::string_view inside = json_text::inside_object(slices.logprobs_content);  // brackets go as braces do
    if (inside.empty()) return;
    std::string& all = draft.choice.logprobs_json;
    all.append(all.empty() ? R"({"content":[)" : ",").append(inside);
  }

  void close(AnswerDraft& answer) override {
    for (ChoiceDraft& draft : answer.choices())
      if (!draft.choice.logprobs_json.empty()) draft.choice.logprobs_json += "]}";
  }

  /// Groq's own corner.
  std::optional<VendorError> read_extras(const dom::object& root, v1::Usage& usage) override {
    dom::object groq;
    if (!object_at(root, "x_groq", groq)) return std::nullopt;
    if (truthy_at(groq, "error")) return read_vendor_error(groq);
    read_openai_usage(groq, usage);
    return std::nullopt;
  }
};

}  // namespace

Outcome read_chat_stream(std::string_view body, size_t slack) {
  return ChatStream(body, slack).read();
}

}  // namespace harvest::dialect

#include "service/dialect/ollama/ollama_answer.h"

#include <optional>

#include "service/dialect/answer_draft.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/lines.h"
#include "service/dialect/ollama/ollama_slices.h"
#include "service/dialect/soft_labels.h"
#include "service/dialect/token_count.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

bool is_true(const dom::object& object, std::string_view key) {
  bool value = false;
  return object.at_key(key).get(value) == simdjson::SUCCESS && value;
}

/// The answer while its objects are read.
class OllamaPieces {
 public:
  void read(const JsonBody& piece) {
    const dom::object& root = piece.object();
    if (truthy_at(root, "error")) {
      failure_ = embedded_outcome(read_vendor_error(root), false);
      return;
    }
    if (model_.empty()) model_ = string_at(root, "model");
    if (dom::object message; object_at(root, "message", message)) read_message(message, piece);
    if (dom::array positions; root.at_key("logprobs").get(positions) == simdjson::SUCCESS && positions.size() > 0) {
      read_openai_positions(positions, draft().choice.soft_labels);
      if (!logprobs_.empty()) logprobs_ += ',';
      logprobs_ += ollama_logprobs(piece.text());
    }
    if (is_true(root, "done")) read_end(root);
  }

  bool ended() const { return done_ || failure_; }
  bool has_token() const { return has_token_; }

  /// What it came to; it has ended.
  Outcome finish() {
    if (failure_) return *std::move(failure_);
    if (!spoke_) return no_answer("no_message", "the response holds no message");
    if (!logprobs_.empty()) draft().choice.logprobs_json = "[" + logprobs_ + "]";
    Outcome outcome = answer_.finish(std::move(usage_));
    outcome.model_reported = std::move(model_);
    return outcome;
  }

 private:
  ChoiceDraft& draft() { return *answer_.choice(0); }

  void read_message(const dom::object& message, const JsonBody& piece) {
    spoke_ = true;
    const std::string_view content = string_at(message, "content"), thinking = string_at(message, "thinking");
    v1::Message& said = draft().choice.message;
    said.mutable_content()->append(content);
    said.mutable_reasoning_content()->append(thinking);
    const bool calls = truthy_at(message, "tool_calls");
    if (calls)
      for (ToolCallDraft& call : ollama_tool_calls(piece.text())) draft().tool_calls.push_back(std::move(call));
    has_token_ |= !content.empty() || !thinking.empty() || calls;
  }

  void read_end(const dom::object& root) {
    done_ = true;
    const std::string reason = vendor_code(string_at(root, "done_reason"));
    if (reason == "load" || reason == "unload") {
      failure_ = no_answer(reason, "the server took this for a request to " + reason + " the model");
      return;
    }
    draft().choice.finish_reason = reason;
    draft().choice.truncated = reason == "length";
    const auto input = token_count_at(root, "prompt_eval_count"), output = token_count_at(root, "eval_count");
    if (!input || !output) return;
    usage_.set_reported(true);
    usage_.set_input_tokens(*input);
    usage_.set_output_tokens(*output);
  }

  AnswerDraft answer_;
  std::string logprobs_, model_;
  v1::Usage usage_;
  std::optional<Outcome> failure_;
  bool spoke_ = false, has_token_ = false, done_ = false;
};

}  // namespace

Outcome read_ollama_answer(const JsonBody& body) {
  if (!body.is_object()) return no_answer("not_json", body.error().empty() ? "not a JSON object" : body.error());
  OllamaPieces pieces;
  pieces.read(body);
  return pieces.ended() ? pieces.finish() : stream_cut(body.text().size(), 1);
}

Outcome read_ollama_stream(std::string_view body, size_t slack) {
  OllamaPieces pieces;
  LineSplitter lines(body);
  std::string_view line;
  size_t count = 0;
  std::optional<size_t> first_token_end;
  while (!pieces.ended() && lines.next(line)) {
    ++count;
    const JsonBody piece(line, JsonBody::slack_behind(line, body, slack));
    if (!piece.is_object()) break;  // cut short: what comes behind a lost piece is no answer
    pieces.read(piece);
    if (!first_token_end && pieces.has_token()) first_token_end = lines.offset();
  }
  if (!pieces.ended()) return stream_cut(body.size(), count);
  Outcome outcome = pieces.finish();
  if (first_token_end) note_begun(outcome);
  if (!outcome.choices.empty()) outcome.first_token_end = first_token_end;
  return outcome;
}

}  // namespace harvest::dialect

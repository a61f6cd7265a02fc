#include "service/dialect/openai_completions_stream.h"

#include <algorithm>
#include <map>
#include <optional>

#include "service/dialect/block_logprobs.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/openai_completions_answer.h"
#include "service/dialect/openai_usage.h"
#include "service/dialect/raw_slices.h"
#include "service/dialect/sse.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

class CompletionsStream {
 public:
  CompletionsStream(std::string_view body, size_t slack) : body_(body), slack_(slack), events_(body) {}

  Outcome read() {
    SseEvent event;
    size_t count = 0;
    while (!done_ && !failure_ && events_.next(event)) {
      ++count;
      done_ = event.data == "[DONE]";
      if (!done_ && !read_event(event)) break;
    }
    if (failure_) return *std::move(failure_);
    if (!whole()) return stream_cut(body_.size(), count);
    for (const auto& [index, logprobs] : logprobs_) answer_.choice(index)->choice.logprobs_json = logprobs.json();
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
    if (event.name == "error" || truthy_at(root, "error")) {
      failure_ = embedded_outcome(read_vendor_error(root), false);
      return true;
    }
    if (model_.empty()) model_ = string_at(root, "model");
    if (fingerprint_.empty()) fingerprint_ = string_at(root, "system_fingerprint");
    if (id_.empty()) id_ = string_at(root, "id");
    read_openai_usage(root, usage_);
    read_choices(body);
    return true;
  }

  void read_choices(const JsonBody& body) {
    dom::array elements;
    if (body.object().at_key("choices").get(elements) != simdjson::SUCCESS) return;
    std::optional<std::vector<ChoiceSlices>> slices;
    size_t place = 0;
    for (const dom::element element : elements) {
      const size_t at = place++;
      dom::object object;
      int64_t index = 0;
      if (element.get(object) != simdjson::SUCCESS) continue;
      if (object.at_key("index").get(index) != simdjson::SUCCESS) index = 0;
      ChoiceDraft* draft = answer_.choice(index);
      if (draft == nullptr || !append_completion(object, *draft)) continue;
      if (!first_token_end_ && !draft->choice.message.content().empty()) first_token_end_ = events_.offset();
      if (!truthy_at(object, "logprobs")) continue;
      if (!slices) slices = raw_slices(body.text());
      if (at < slices->size()) logprobs_[index].append((*slices)[at].logprobs);
    }
  }

  bool whole() {
    const std::vector<ChoiceDraft>& choices = answer_.choices();
    return done_ || (!choices.empty() &&
                     std::all_of(choices.begin(), choices.end(), [](const ChoiceDraft& draft) { return draft.ended; }));
  }

  std::string_view body_;
  size_t slack_;
  SseSplitter events_;
  bool done_ = false;
  std::optional<Outcome> failure_;
  AnswerDraft answer_;
  std::map<int64_t, BlockLogprobs> logprobs_;  ///< by the choices' own indices
  v1::Usage usage_;
  std::string model_, fingerprint_, id_;
  std::optional<size_t> first_token_end_;
};

}  // namespace

Outcome read_completions_stream(std::string_view body, size_t slack) {
  return CompletionsStream(body, slack).read();
}

}  // namespace harvest::dialect

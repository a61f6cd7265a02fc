#include "service/dialect/openai/openai_stream.h"

#include <algorithm>
#include <utility>

#include "service/dialect/error_outcome.h"
#include "service/dialect/openai/openai_answer.h"
#include "service/dialect/openai/openai_usage.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

/// What a piece has added to a choice beside plain text: if it changes, the piece was more than that.
struct Beside {
  size_t tool_calls, reasoning;
  bool ended, refused, broken;
  explicit Beside(const ChoiceDraft& draft)
      : tool_calls(draft.tool_calls.size()),
        reasoning(draft.choice.message.reasoning_content().size()),
        ended(draft.ended),
        refused(draft.choice.refused),
        broken(draft.broken) {}
  bool operator==(const Beside&) const = default;
};

bool has_token(const ChoiceDraft& draft) {
  const v1::Message& message = draft.choice.message;
  return !message.content().empty() || !message.reasoning_content().empty() || !draft.tool_calls.empty();
}

}  // namespace

Outcome OpenAiStream::read() {
  SseEvent event;
  while (!done_ && !failure_) {
    while (repeats()) ++count_;
    if (!events_.next(event)) break;
    ++count_;
    done_ = event.data == "[DONE]";
    if (!done_ && !read_event(event)) break;
  }
  if (failure_) {
    if (first_token_end_) note_begun(*failure_);
    return *std::move(failure_);
  }
  if (!whole()) return stream_cut(body_.size(), count_);
  close(answer_);
  Outcome outcome = answer_.finish(std::move(usage_));
  outcome.model_reported = std::move(model_);
  outcome.system_fingerprint = std::move(fingerprint_);
  outcome.service_tier = std::move(tier_);
  outcome.served_by = vendor_words(served_by_, kServedByBytesMax);
  outcome.cost_reported_picodollars = cost_reported_;
  outcome.request_id = std::move(id_);
  outcome.first_token_end = first_token_end_;
  return outcome;
}

/// False where it is no JSON: a line cut short.
bool OpenAiStream::read_event(const SseEvent& event) {
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
  if (model_.empty()) {
    model_ = string_at(root, "model");
    served_by_ = string_at(root, "provider");  // in every event, as the model is
  }
  if (fingerprint_.empty()) fingerprint_ = string_at(root, "system_fingerprint");
  if (tier_.empty()) tier_ = string_at(root, "service_tier");
  if (id_.empty()) id_ = string_at(root, "id");
  if (read_openai_usage(root, usage_)) cost_reported_ = read_reported_cost(root);
  if (const std::optional<VendorError> error = read_extras(root, usage_)) {
    failure_ = embedded_outcome(*error, false);
    return true;
  }
  // What comes after more than a text may mean something else, alike or not.
  if (!read_choices(body)) repeated_.forget();
  return true;
}

/// Reads the next event where it is like the one before.
bool OpenAiStream::repeats() {
  const std::optional<RepeatedEvent::Match> like = repeated_.match(events_.rest());
  if (!like) return false;
  like->append_to(*answer_.choice(repeated_index_)->choice.message.mutable_content());
  events_.skip(like->bytes);
  return true;
}

/// True where it added one plain text and nothing else.
bool OpenAiStream::read_choices(const JsonBody& body) {
  dom::array elements;
  if (body.object().at_key("choices").get(elements) != simdjson::SUCCESS) return false;
  bool text_alone = false;
  std::optional<std::vector<ChoiceSlices>> slices;
  size_t place = 0;
  for (const dom::element element : elements) {
    const size_t at = place++;
    dom::object piece;
    int64_t index = 0;
    if (element.get(piece) != simdjson::SUCCESS) continue;
    if (piece.at_key("index").get(index) != simdjson::SUCCESS) index = 0;
    ChoiceDraft* const draft = answer_.choice(index);
    if (draft == nullptr) continue;
    const Beside before(*draft);
    const size_t text = draft->choice.message.content().size();
    const bool has_logprobs = append_piece(piece, *draft);
    // Where a call has begun, any piece may hold more of its arguments.
    text_alone = elements.size() == 1 && !has_logprobs && before == Beside(*draft) && before.tool_calls == 0 &&
                 draft->choice.message.content().size() > text;
    if (text_alone && repeated_.learn(events_.raw(), text_member(), draft->choice.message.content().size() - text))
      repeated_index_ = index;
    if (!first_token_end_ && has_token(*draft)) first_token_end_ = events_.offset();
    if (!has_logprobs) continue;
    if (!slices) slices = raw_slices(body.text());
    if (at < slices->size()) append_logprobs((*slices)[at], *draft);
  }
  return text_alone;
}

bool OpenAiStream::whole() {
  const std::vector<ChoiceDraft>& choices = answer_.choices();
  const auto ended = [](const ChoiceDraft& draft) { return draft.ended; };
  return done_ || (!choices.empty() && std::all_of(choices.begin(), choices.end(), ended));
}

}  // namespace harvest::dialect

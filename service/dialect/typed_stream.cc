#include "service/dialect/typed_stream.h"

#include <utility>

#include "service/dialect/error_outcome.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {

Outcome TypedStream::read() {
  SseEvent event;
  std::optional<Outcome> end;
  while (!end && events_.next(event)) {
    ++count_;
    end = read_event(event);
  }
  if (!end) return cut(body_.size());
  if (first_token_end_) note_begun(*end);
  if (!end->choices.empty()) end->first_token_end = first_token_end_.value_or(events_.offset());
  return *std::move(end);
}

Outcome TypedStream::cut(size_t bytes) const {
  Outcome outcome = stream_cut(bytes, count_);
  if (!last_.empty()) outcome.message += ", the last one " + last_;
  return outcome;
}

std::optional<Outcome> TypedStream::read_event(const SseEvent& event) {
  if (skips(event.name)) {
    last_ = vendor_code(event.name);
    return std::nullopt;
  }
  const JsonBody data(event.data, JsonBody::slack_behind(event.data, body_, slack_));
  if (!data.is_object()) {
    if (event.name == "error") return embedded_outcome(read_vendor_error(event.data), false);
    // What begins as a piece of the answer and cannot be read is missing from it, whatever comes behind.
    return event.data.starts_with('{') ? std::optional(cut(events_.offset())) : std::nullopt;
  }
  const simdjson::dom::object& root = data.object();
  const std::string_view stated = string_at(root, "type");
  const std::string_view type = stated.empty() ? event.name : stated;
  if (type == "error" || (stated.empty() && truthy_at(root, "error"))) return read_error(root);
  std::optional<Outcome> end = read_typed(data, type);
  if (!end) last_ = vendor_code(type);
  return end;
}

Outcome TypedStream::read_error(const simdjson::dom::object& event) const {
  return embedded_outcome(read_vendor_error(event), false);
}

void TypedStream::see_token() {
  if (!first_token_end_) first_token_end_ = events_.offset();
}

}  // namespace harvest::dialect

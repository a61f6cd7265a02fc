#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "service/dialect/json_body.h"
#include "service/dialect/outcome.h"
#include "service/dialect/sse.h"

namespace harvest::dialect {

/// A stream of server-sent events each of which says its type (in `type`, or by the event's own name), up to one that
/// ends it; without that it was cut: stream_cut(), naming the last event seen. An error event ends it as the error that
/// it holds. What the others mean is for the classes below to say.
class TypedStream {
 public:
  /// `slack`: see JsonBody.
  TypedStream(std::string_view body, size_t slack) : body_(body), slack_(slack), events_(body) {}
  virtual ~TypedStream() = default;

  Outcome read();

 protected:
  /// The outcome, if this event is the last.
  virtual std::optional<Outcome> read_typed(const JsonBody& data, std::string_view type) = 0;
  /// The error that an event holds. Default: as the OpenAI family words it.
  virtual Outcome read_error(const simdjson::dom::object& event) const;
  /// Does this name say all there is to know of an event, so that it need not be parsed? Default: no.
  virtual bool skips(std::string_view) { return false; }
  /// The event at hand holds something of the answer.
  void see_token();

 private:
  std::optional<Outcome> read_event(const SseEvent& event);
  Outcome cut(size_t bytes) const;

  std::string_view body_;
  size_t slack_;
  SseSplitter events_;
  size_t count_ = 0;
  std::string last_;  // type of the last event
  std::optional<size_t> first_token_end_;
};

}  // namespace harvest::dialect

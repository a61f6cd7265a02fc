#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "service/dialect/answer_draft.h"
#include "service/dialect/json_body.h"
#include "service/dialect/openai/raw_slices.h"
#include "service/dialect/repeated_event.h"
#include "service/dialect/sse.h"
#include "service/dialect/vendor_error.h"

namespace harvest::dialect {

/// A streamed answer of the OpenAI family, put together: events that hold pieces of choices, up to `[DONE]`. It is
/// whole when [DONE] has come, or every choice has its finish reason (some servers leave [DONE] out); else
/// stream_cut(). An error event ends it as the error that it holds. What a piece holds is for the classes below it to
/// say.
class OpenAiStream {
 public:
  /// `slack`: see JsonBody.
  OpenAiStream(std::string_view body, size_t slack) : body_(body), slack_(slack), events_(body) {}
  virtual ~OpenAiStream() = default;

  Outcome read();

 protected:
  /// Appends an element of an event's `choices`. True where it holds logprobs, whose bytes append_logprobs() gets.
  virtual bool append_piece(const simdjson::dom::object& piece, ChoiceDraft& draft) = 0;
  virtual void append_logprobs(const ChoiceSlices& slices, ChoiceDraft& draft) = 0;
  /// The member that holds the text of a piece (see RepeatedEvent): most events are one such text and nothing new
  /// beside.
  virtual std::string_view text_member() const = 0;
  /// All pieces have come.
  virtual void close(AnswerDraft& answer) = 0;
  /// What an event holds beside what all servers send: more usage, or another place for an error.
  virtual std::optional<VendorError> read_extras(const simdjson::dom::object&, v1::Usage&) { return std::nullopt; }

 private:
  bool read_event(const SseEvent& event);
  bool read_choices(const JsonBody& body);
  bool repeats();
  bool whole();

  std::string_view body_;
  size_t slack_;
  SseSplitter events_;
  size_t count_ = 0;
  bool done_ = false;
  std::optional<Outcome> failure_;
  AnswerDraft answer_;
  RepeatedEvent repeated_;
  int64_t repeated_index_ = 0;  ///< of the choice that it is a piece of
  v1::Usage usage_;
  std::string model_, fingerprint_, tier_, id_, served_by_;
  std::optional<int64_t> cost_reported_;
  std::optional<size_t> first_token_end_;
};

}  // namespace harvest::dialect

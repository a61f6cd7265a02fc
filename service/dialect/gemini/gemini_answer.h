#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "service/dialect/answer_draft.h"
#include "service/dialect/json_body.h"
#include "service/dialect/outcome.h"

namespace harvest::dialect {

struct GeminiSlices;

/// An answer of generateContent: one response, or as many as a stream brings, each of which adds to it.
///
/// - Texts are joined; those of `thought` parts are reasoning_content; function calls are tool calls, with ids made
///   from their number where the server gives none;
/// - the finish reason is the server's word. What it means: safety's words refuse, MAX_TOKENS truncates, a call that
///   went wrong is broken; an unknown word keeps what there is as truncated;
/// - a blocked prompt is refused.
class GeminiAnswer {
 public:
  /// Adds a response, which is no error. `json`: the text that it was parsed from.
  void add(const simdjson::dom::object& response, std::string_view json);
  /// Has every candidate seen its end?
  bool whole() const;
  /// Has anything of an answer come?
  bool has_token() const { return has_token_; }
  Outcome finish();

 private:
  /// What is kept of a candidate as bytes.
  struct Logprobs {
    std::string chosen, top;
  };

  void add_candidate(const simdjson::dom::object& candidate, int64_t place, const GeminiSlices& slices);
  void add_parts(const simdjson::dom::object& candidate, ChoiceDraft& draft, const GeminiSlices& slices);
  Logprobs& logprobs_of(int64_t index);
  void end_logprobs();

  AnswerDraft answer_;
  std::vector<std::pair<int64_t, Logprobs>> logprobs_;
  std::string block_reason_, block_words_, model_, id_;
  v1::Usage usage_;
  bool has_token_ = false;
};

/// A body that is no stream: a response, or an error.
Outcome read_gemini_answer(const JsonBody& body, bool waits);

}  // namespace harvest::dialect

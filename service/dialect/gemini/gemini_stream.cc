#include "service/dialect/gemini/gemini_stream.h"

#include <optional>

#include "service/dialect/ascii.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/gemini/gemini_answer.h"
#include "service/dialect/gemini/gemini_errors.h"
#include "service/dialect/json_body.h"
#include "service/dialect/sse.h"

namespace harvest::dialect {
namespace {

/// From the first line that is bare JSON on; empty: there is none. No line of an event begins so.
std::string_view bare_json(std::string_view body) {
  for (size_t at = 0; at < body.size();) {
    if (body[at] == '{' || body[at] == '[') return body.substr(at);
    const size_t end = body.find_first_of("\r\n", at);
    if (end == std::string_view::npos) return {};
    at = end + 1;
  }
  return {};
}

std::optional<Outcome> bare_error(std::string_view body) {
  const std::string_view text = bare_json(body);
  if (text.empty()) return std::nullopt;
  const JsonBody error(unwrapped(text));
  if (!error.is_object() || !truthy_at(error.object(), "error")) return std::nullopt;
  return gemini_error_outcome(200, read_gemini_error(error.object()), false);
}

}  // namespace

Outcome read_gemini_stream(std::string_view body, size_t slack) {
  GeminiAnswer answer;
  SseSplitter events(body);
  SseEvent event;
  size_t count = 0;
  std::optional<size_t> first_token_end;
  const auto failed = [&](Outcome failure) {
    if (first_token_end) note_begun(failure);
    return failure;
  };
  while (events.next(event)) {
    ++count;
    const JsonBody data(event.data, JsonBody::slack_behind(event.data, body, slack));
    if (!data.is_object()) {
      if (answer.whole() || ascii::trimmed(event.data) == "[DONE]") continue;
      // Text is missing here: what follows would hide it.
      if (auto error = bare_error(body)) return failed(*std::move(error));
      return stream_cut(body.size(), count);
    }
    if (truthy_at(data.object(), "error")) {
      if (answer.whole()) continue;
      return failed(gemini_error_outcome(200, read_gemini_error(data.object()), false));
    }
    answer.add(data.object(), data.text());
    if (!first_token_end && answer.has_token()) first_token_end = events.offset();
  }
  if (!answer.whole()) {
    if (auto error = bare_error(body)) return failed(*std::move(error));
    return stream_cut(body.size(), count);
  }
  Outcome outcome = answer.finish();
  if (!outcome.choices.empty()) outcome.first_token_end = first_token_end.value_or(events.offset());
  return outcome;
}

}  // namespace harvest::dialect

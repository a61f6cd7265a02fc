#include "tests/teachersim/dialects/canned.h"

#include <string.h>

#include <algorithm>
#include <cassert>

#include "tests/teachersim/dialects/chat_completions.h"
#include "tests/teachersim/dialects/openai_wording.h"

namespace teachersim {

namespace {

Answer prebuilt(const AnswerShape& shape, const std::string& more) {
  const ChatCompletions chat(shape);
  auto outcome = chat.read(
      R"({"model":"canned","messages":[{"role":"user","content":"a question as long as a short one"}])" + more + "}");
  const auto* question = std::get_if<std::unique_ptr<Question>>(&outcome);
  assert(question != nullptr);
  return chat.answer(**question, Stamp{.id = "chatcmpl-canned"});
}

/// The text of a stream is as long as its events need.
AnswerShape streamed(AnswerShape shape) {
  if (shape.canned_events == 0) return shape;
  shape.bytes_min = shape.bytes_max = shape.canned_events * shape.event_bytes;
  shape.default_output_cap = std::max(shape.default_output_cap, shape.reasoning_tokens + shape.bytes_max);
  return shape;
}

/// A client that quotes the word in its messages has to escape the quotes.
bool asks_for_stream(std::string_view body) {
  constexpr std::string_view kName = "\"stream\"";
  const void* found = memmem(body.data(), body.size(), kName.data(), kName.size());
  if (found == nullptr) return false;
  const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - body.data());
  const std::size_t value = body.find_first_not_of(" \t\r\n:", at + kName.size());
  return value != std::string_view::npos && body.substr(value).starts_with("true");
}

}  // namespace

Canned::Canned(const AnswerShape& shape)
    : whole_(prebuilt(shape, "")),
      streamed_(prebuilt(streamed(shape), R"(,"stream":true,"stream_options":{"include_usage":true})")) {}

bool Canned::speaks(std::string_view path) const {
  return path.ends_with("/chat/completions");
}

std::variant<std::unique_ptr<Question>, Trouble> Canned::read(std::string_view body) const {
  auto question = std::make_unique<Question>();
  question->model = "canned";
  question->prompt = body;
  question->stream = asks_for_stream(body);
  const Usage& usage = question->stream ? streamed_.usage : whole_.usage;
  question->input_tokens = usage.input_tokens;
  question->output_cap = usage.output_tokens;
  return question;
}

Answer Canned::answer(const Question& question, const Stamp& /*stamp*/) const {
  return question.stream ? streamed_ : whole_;
}

Reply Canned::reply(const Trouble& trouble) const {
  return openai_reply(trouble);
}

std::string Canned::error_in_200(const Trouble& /*trouble*/) const {
  return std::string(kGatewayError);
}

std::string Canned::limit_headers(limits::Limits& limits, limits::Time now) const {
  return openai_limit_headers(limits, now);
}

}  // namespace teachersim

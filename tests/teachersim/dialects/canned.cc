#include "tests/teachersim/dialects/canned.h"

#include <cassert>

#include "tests/teachersim/answers/draw.h"
#include "tests/teachersim/dialects/chat_completions.h"
#include "tests/teachersim/dialects/openai_wording.h"

namespace teachersim {

Canned::Canned(const AnswerShape& shape) {
  const ChatCompletions chat(shape);
  auto outcome =
      chat.read(R"({"model":"canned","messages":[{"role":"user","content":"a question as long as a short one"}]})");
  const auto* question = std::get_if<std::unique_ptr<Question>>(&outcome);
  assert(question != nullptr);
  prebuilt_ = chat.answer(**question, Stamp{.id = "chatcmpl-canned"});
}

bool Canned::speaks(std::string_view path) const {
  return path.ends_with("/chat/completions");
}

std::variant<std::unique_ptr<Question>, Trouble> Canned::read(std::string_view body) const {
  auto question = std::make_unique<Question>();
  question->model = "canned";
  question->prompt = body;
  question->input_tokens = prebuilt_.usage.input_tokens;
  question->output_cap = prebuilt_.usage.output_tokens;
  return question;
}

Answer Canned::answer(const Question& /*question*/, const Stamp& /*stamp*/) const {
  return prebuilt_;
}

Reply Canned::reply(const Trouble& trouble) const {
  return openai_reply(trouble);
}

std::string Canned::limit_headers(limits::Limits& limits, limits::Time now) const {
  return openai_limit_headers(limits, now);
}

}  // namespace teachersim

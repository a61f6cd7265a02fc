#include "tests/teachersim/dialects/openai_responses.h"

#include "tests/teachersim/answers/pieces.h"
#include "tests/teachersim/dialects/fields.h"
#include "tests/teachersim/dialects/openai_responses_answer.h"
#include "tests/teachersim/dialects/openai_responses_request.h"
#include "tests/teachersim/dialects/openai_wording.h"

namespace teachersim {

namespace json = boost::json;

std::variant<std::unique_ptr<Question>, Trouble> OpenAiResponses::read(std::string_view body) const {
  try {
    return std::unique_ptr<Question>(read_responses_request(parse_object(body), shape_));
  } catch (Mistake& mistake) {
    const bool unknown = mistake.what.starts_with("Unknown parameter");
    return Trouble{Trouble::Kind::kBadRequest,        400, std::move(mistake.what), std::move(mistake.where), {}, "",
                   unknown ? "unknown_parameter" : ""};
  }
}

Answer OpenAiResponses::answer(const Question& question, const Stamp& stamp) const {
  const auto& request = static_cast<const ResponsesRequest&>(question);  // only this dialect's questions come here
  const Utterance said = utter(request, shape_, stamp.refuse).front();
  Answer answer;
  answer.usage = usage_of(request, shape_, {said});
  answer.contents.push_back(said.text);
  const json::object response = responses_object(request, said, answer.usage, shape_, stamp);
  if (request.stream) {
    answer.content_type = "text/event-stream; charset=utf-8";
    answer.events = responses_events(response, static_cast<std::size_t>(shape_.event_bytes));
  } else {
    answer.body = json::serialize(response) + "\n";
  }
  return answer;
}

Reply OpenAiResponses::reply(const Trouble& trouble) const {
  return openai_reply(trouble);
}

std::string OpenAiResponses::error_event(const Trouble& trouble) const {
  const json::object event{{"type", "error"},
                           {"code", trouble.code.empty() ? std::string("server_error") : trouble.code},
                           {"message", trouble.message},
                           {"param", nullptr},
                           {"sequence_number", 1'000'000}};
  return sse_event("error", json::serialize(event));
}

std::string OpenAiResponses::limit_headers(limits::Limits& limits, limits::Time now) const {
  return openai_limit_headers(limits, now);
}

}  // namespace teachersim

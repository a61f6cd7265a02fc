#include "tests/teachersim/dialects/anthropic_messages.h"

#include "tests/teachersim/answers/pieces.h"
#include "tests/teachersim/dialects/anthropic_answer.h"
#include "tests/teachersim/dialects/anthropic_request.h"
#include "tests/teachersim/dialects/anthropic_wording.h"
#include "tests/teachersim/dialects/fields.h"

namespace teachersim {
namespace {

Trouble bad_request(std::string message) {
  return {Trouble::Kind::kBadRequest, 400, std::move(message), "", {}};
}

}  // namespace

bool AnthropicMessages::speaks(std::string_view path) const {
  return path.ends_with("/v1/messages");
}

Identity AnthropicMessages::identify(const Call& call) const {
  return {.key = call.header("x-api-key")};
}

std::variant<std::unique_ptr<Question>, Trouble> AnthropicMessages::read(const Call& call) const {
  if (call.header("anthropic-version").empty()) return bad_request("anthropic-version: header is required");
  try {
    return std::unique_ptr<Question>(read_anthropic_request(parse_object(call.body), shape_));
  } catch (const Mistake& mistake) {
    return bad_request(mistake.where.empty() ? mistake.what : mistake.where + ": " + mistake.what);
  }
}

Answer AnthropicMessages::answer(const Question& question, const Stamp& stamp) const {
  const auto& request = static_cast<const AnthropicRequest&>(question);  // only this dialect's questions come here
  const std::vector<Utterance> utterances = utter(request, shape_, stamp.refuse);
  Answer answer;
  answer.usage = usage_of(request, shape_, utterances);
  answer.contents.push_back(utterances.front().text);
  const boost::json::object message = anthropic_message(request, utterances.front(), answer.usage, stamp);
  if (request.stream) {
    answer.content_type = "text/event-stream; charset=utf-8";
    answer.events = anthropic_events(message, static_cast<std::size_t>(shape_.event_bytes));
  } else {
    answer.body = boost::json::serialize(message);
  }
  return answer;
}

Reply AnthropicMessages::reply(const Trouble& trouble) const {
  return anthropic_reply(trouble);
}

std::string AnthropicMessages::error_event(const Trouble& trouble) const {
  return sse_event("error", anthropic_error(trouble));
}

std::string AnthropicMessages::limit_headers(limits::Limits& limits, const Moment& now) const {
  return anthropic_limit_headers(limits, now);
}

}  // namespace teachersim

#include "tests/teachersim/dialects/bedrock.h"

#include "tests/teachersim/dialects/bedrock_answer.h"
#include "tests/teachersim/dialects/bedrock_request.h"
#include "tests/teachersim/dialects/event_stream.h"
#include "tests/teachersim/dialects/fields.h"
#include "tests/teachersim/dialects/query_text.h"

namespace teachersim {
namespace {

namespace json = boost::json;
using Kind = Trouble::Kind;

constexpr std::string_view kConverse = "/converse";
constexpr std::string_view kConverseStream = "/converse-stream";

/// What the vendor calls a trouble, and its status.
struct Exception {
  std::string type;
  int status;
};

Exception exception_of(const Trouble& trouble) {
  if (!trouble.code.empty()) return {trouble.code, trouble.status};
  if (trouble.kind == Kind::kOutOfCredit) return {"ServiceQuotaExceededException", 400};
  if (trouble.kind == Kind::kUnauthorized) return {"UnrecognizedClientException", 403};
  switch (trouble.status) {
    case 403:
      return {"AccessDeniedException", 403};
    case 404:
      return {"ResourceNotFoundException", 404};
    case 408:
      return {"ModelTimeoutException", 408};
    case 424:
      return {"ModelErrorException", 424};
    case 429:
      return {"ThrottlingException", 429};
    case 503:
      return {"ServiceUnavailableException", 503};
    default:
      break;
  }
  if (trouble.status < 500) return {"ValidationException", 400};
  return {"InternalServerException", 500};
}

std::string bedrock_words(const Trouble& trouble) {
  if (trouble.status == 429) return "Too many requests, please wait before trying again.";
  if (trouble.kind == Kind::kUnauthorized) return "The security token included in the request is invalid.";
  return trouble.message;
}

}  // namespace

bool Bedrock::speaks(std::string_view path) const {
  return path.find("/model/") != std::string_view::npos &&
         (path.ends_with(kConverse) || path.ends_with(kConverseStream));
}

Identity Bedrock::identify(const Call& call) const {
  if (keys_.empty() || !call.credential.empty()) return {.key = call.credential};
  const bool holds = is_signed(call) && signature_holds(call, keys_);
  return {.key = {}, .proven = holds, .refused = !holds};
}

std::variant<std::unique_ptr<Question>, Trouble> Bedrock::read(const Call& call) const {
  try {
    std::unique_ptr<Wish> request =
        read_bedrock_request(percent_decoded(segment_after(call.path, "/model/")), parse_object(call.body), shape_);
    request->stream = call.path.ends_with(kConverseStream);
    return std::unique_ptr<Question>(std::move(request));
  } catch (const Mistake& mistake) {
    std::string message =
        mistake.where.empty() ? mistake.what : "The value at " + mistake.where + " is invalid: " + mistake.what;
    return Trouble{Kind::kBadRequest, 400, std::move(message), mistake.where, {}};
  }
}

Answer Bedrock::answer(const Question& question, const Stamp& stamp) const {
  const auto& request = static_cast<const Wish&>(question);  // only this dialect's questions come here
  const Utterance said = utter(request, shape_, stamp.refuse).front();
  Answer answer;
  answer.usage = usage_of(request, shape_, {said});
  answer.contents.push_back(said.text);
  const json::object response = bedrock_response(said, answer.usage, stamp);
  if (request.stream) {
    answer.content_type = "application/vnd.amazon.eventstream";
    answer.events = bedrock_events(response, static_cast<std::size_t>(shape_.event_bytes));
  } else {
    answer.body = json::serialize(response);
  }
  return answer;
}

Reply Bedrock::reply(const Trouble& trouble) const {
  const Exception exception = exception_of(trouble);
  return {.status = exception.status,
          .headers = "x-amzn-errortype: " + exception.type + "\r\n",
          .body = json::serialize(json::object{{"message", bedrock_words(trouble)}}),
          .events = {}};
}

/// Inside a stream the names begin small.
std::string Bedrock::error_event(const Trouble& trouble) const {
  std::string name = trouble.code.empty() ? "modelStreamErrorException" : trouble.code;
  name[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(name[0])));
  return event_stream_message("exception", name, json::serialize(json::object{{"message", bedrock_words(trouble)}}));
}

}  // namespace teachersim

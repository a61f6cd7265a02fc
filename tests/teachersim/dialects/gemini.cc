#include "tests/teachersim/dialects/gemini.h"

#include "tests/teachersim/dialects/fields.h"
#include "tests/teachersim/dialects/gemini_answer.h"
#include "tests/teachersim/dialects/gemini_request.h"
#include "tests/teachersim/dialects/gemini_wording.h"

namespace teachersim {
namespace {

constexpr std::string_view kGenerate = ":generateContent";
constexpr std::string_view kStreamGenerate = ":streamGenerateContent";

bool has_parameter(std::string_view query, std::string_view parameter) {
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    if (one == parameter) return true;
    query.remove_prefix(std::min(one.size() + 1, query.size()));
  }
  return false;
}

/// …/models/{model}:method
std::string_view model_in(std::string_view path) {
  path = path.substr(0, path.rfind(':'));
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

bool Gemini::speaks(std::string_view path) const {
  const bool names_model = path.find("/models/") != std::string_view::npos;
  const bool is_vertex = path.find("/publishers/") != std::string_view::npos;
  return names_model && is_vertex == vertex_ && (path.ends_with(kGenerate) || path.ends_with(kStreamGenerate));
}

Identity Gemini::identify(const Call& call) const {
  if (vertex_) return {.key = call.credential};
  const std::string_view key = call.header("x-goog-api-key");
  if (!key.empty()) return {.key = key};
  const std::size_t at = call.query.find("key=");
  if (at == std::string_view::npos) return {};
  const std::string_view rest = call.query.substr(at + 4);
  return {.key = rest.substr(0, rest.find('&'))};
}

std::variant<std::unique_ptr<Question>, Trouble> Gemini::read(const Call& call) const {
  try {
    auto request = read_gemini_request(model_in(call.path), parse_object(call.body), shape_);
    request->stream = call.path.ends_with(kStreamGenerate);
    request->array_stream = !has_parameter(call.query, "alt=sse");
    return std::unique_ptr<Question>(std::move(request));
  } catch (const Mistake& mistake) {
    std::string message =
        mistake.where.empty() ? mistake.what : "* GenerateContentRequest." + mistake.where + ": " + mistake.what + "\n";
    return Trouble{Trouble::Kind::kBadRequest, 400, std::move(message), "", {}};
  }
}

Answer Gemini::answer(const Question& question, const Stamp& stamp) const {
  const auto& request = static_cast<const GeminiRequest&>(question);  // only this dialect's questions come here
  const GeminiAnswer said(request, shape_, stamp, vertex_);
  Answer answer;
  answer.content_type = "application/json; charset=UTF-8";
  answer.usage = said.usage();
  for (const Utterance& utterance : said.utterances()) answer.contents.push_back(utterance.text);
  if (!request.stream) {
    answer.body = boost::json::serialize(said.whole()) + "\n";
    return answer;
  }
  if (!request.array_stream) answer.content_type = "text/event-stream";
  for (const boost::json::object& part : said.parts(static_cast<std::size_t>(shape_.event_bytes))) {
    const std::string text = boost::json::serialize(part);
    if (request.array_stream) {
      answer.events.push_back((answer.events.empty() ? "[" : "\r\n,") + text);
    } else {
      answer.events.push_back("data: " + text + "\r\n\r\n");
    }
  }
  if (request.array_stream) answer.events.emplace_back("\r\n]\n");
  return answer;
}

/// Bare JSON, even among server-sent events.
std::string Gemini::error_event(const Trouble& trouble) const {
  return gemini_error(trouble, vertex_);
}

Reply Gemini::reply(const Trouble& trouble) const {
  return gemini_reply(trouble, vertex_);
}

}  // namespace teachersim

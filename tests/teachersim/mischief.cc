#include "tests/teachersim/mischief.h"

namespace teachersim {

Manner manner_of(Mischief kind) {
  switch (kind) {
    case Mischief::kReset:
      return Manner::kResetMidway;
    case Mischief::kVanish:
      return Manner::kVanish;
    case Mischief::kTruncate:
      return Manner::kTruncate;
    case Mischief::kStall:
      return Manner::kStall;
    default:
      return Manner::kWhole;
  }
}

Reply mischief_reply(Mischief kind) {
  constexpr std::size_t kDepth = 100'000;
  Reply reply;
  switch (kind) {
    case Mischief::kGarbage:
      reply.body =
          R"({"id":"chatcmpl-broken","choices":[{"index":0,"message":{"role":"assistant","content":"The answer )";
      break;
    case Mischief::kHtml:
      reply.content_type = "text/html";
      reply.body = "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n";
      break;
    case Mischief::kErrorIn200:
      reply.body = R"({"error":{"message":"Provider returned error","type":"server_error","param":null,"code":502}})";
      break;
    case Mischief::kEmptyChoices:
      reply.body = R"({"id":"chatcmpl-empty","object":"chat.completion","created":0,"model":"sim","choices":[],)"
                   R"("usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}})";
      break;
    case Mischief::kDeepJson:
      reply.body = std::string(kDepth, '[') + std::string(kDepth, ']');
      break;
    case Mischief::kRedirect:
      reply.status = 307;
      reply.headers = "location: http://127.0.0.1:9/elsewhere\r\n";
      break;
    default:
      break;
  }
  return reply;
}

void spoil_text(Answer& answer) {
  constexpr std::string_view kBad = "\xC3\x28\xFF";
  if (answer.contents.empty() || answer.contents.front().size() < 2 * kBad.size()) return;
  // The beginning of a prose text needs no escaping, so it stands in the body as it is.
  constexpr std::size_t kTelling = 24;
  std::string& content = answer.contents.front();
  const std::size_t at = answer.body.find(std::string_view(content).substr(0, kTelling));
  if (at == std::string::npos) return;
  answer.body.replace(at, kBad.size(), kBad);
  content.replace(0, kBad.size(), kBad);
}

void remove_usage(std::string& body) {
  const std::size_t at = body.rfind(",\"usage\":{");
  if (at != std::string::npos) body.replace(at, std::string::npos, "}\n");
}

}  // namespace teachersim

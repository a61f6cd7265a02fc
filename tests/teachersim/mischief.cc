#include "tests/teachersim/mischief.h"

namespace teachersim {
namespace {

constexpr std::string_view kBad = "\xC3\x28\xFF";

bool spoil(std::string& text, std::string_view beginning) {
  const std::size_t at = text.find(std::string("\"").append(beginning));
  if (at == std::string::npos) return false;
  text.replace(at + 1, kBad.size(), kBad);
  return true;
}

void spoil_text(Answer& answer) {
  // The beginning of a prose text needs no escaping, so it stands in the body (or in the first event) as it is.
  constexpr std::size_t kTelling = 8;
  if (answer.contents.empty() || answer.contents.front().size() < kTelling) return;
  std::string& content = answer.contents.front();
  const std::string beginning = content.substr(0, kTelling);
  bool found = spoil(answer.body, beginning);
  for (std::string& event : answer.events) found |= spoil(event, beginning);  // some streams repeat the text
  if (found) content.replace(0, kBad.size(), kBad);
}

/// Takes the usage member out of a JSON text; texts without one stay as they are.
void remove_usage(std::string& text) {
  for (const char* member : {",\"usage\":{", ",\"usageMetadata\":{"}) {
    const std::size_t begin = text.rfind(member);
    if (begin == std::string::npos) continue;
    std::size_t end = text.find('{', begin);
    for (int depth = 0; end < text.size(); ++end) {
      depth += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0;
      if (depth == 0) break;
    }
    text.erase(begin, end + 1 - begin);
  }
}

void keep_half(Answer& answer) {
  answer.body.resize(answer.body.size() / 2);
  answer.events.resize((answer.events.size() + 1) / 2);
}

}  // namespace

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

bool strikes_midway(Mischief kind) {
  return kind == Mischief::kStall || kind == Mischief::kGarbage || kind == Mischief::kErrorIn200;
}

void strike(Mischief kind, std::vector<std::string>& events, const std::string& error_event) {
  const std::size_t half = (events.size() + 1) / 2;
  std::string broken = events.back().substr(0, events.back().size() / 2) + "\n\n";
  events.resize(half);
  if (kind == Mischief::kGarbage) events.push_back(std::move(broken));
  if (kind == Mischief::kErrorIn200) events.push_back(error_event);
}

void damage(Mischief kind, Answer& answer) {
  switch (kind) {
    case Mischief::kCut:
      return keep_half(answer);
    case Mischief::kReset:
    case Mischief::kTruncate:
      // Of a body the server sends half.
      answer.events.resize((answer.events.size() + 1) / 2);
      return;
    case Mischief::kNoUsage:
      remove_usage(answer.body);
      for (std::string& event : answer.events) remove_usage(event);
      return;
    case Mischief::kBadUtf8:
      return spoil_text(answer);
    default:
      return;
  }
}

}  // namespace teachersim

#include "tests/teachersim/dialects/chat_choice.h"

#include <algorithm>
#include <cstdio>

#include "tests/teachersim/answers/json_text.h"
#include "tests/teachersim/answers/prose.h"
#include "tests/teachersim/answers/schema_filler.h"
#include "tests/teachersim/answers/tokenizer.h"
#include "tests/teachersim/dialects/utterance.h"

namespace teachersim {
namespace {

std::string full_text(const ChatRequest& request, const AnswerShape& shape, Draw& draw) {
  if (request.format == ChatRequest::Format::kJsonSchema)
    return boost::json::serialize(fill_schema(request.schema, draw));
  const auto spread = static_cast<std::uint64_t>(shape.bytes_max - shape.bytes_min + 1);
  const std::size_t bytes = static_cast<std::size_t>(shape.bytes_min) + draw.below(spread);
  std::string text = prose(draw, bytes);
  if (request.format == ChatRequest::Format::kJsonObject)
    return boost::json::serialize(boost::json::object{{"answer", text}});
  for (const std::string& stop : request.stops) {
    if (!stop.empty()) text.resize(std::min(text.size(), text.find(stop)));
  }
  return text;
}

/// Shortens to what the cap leaves; says whether it had to.
bool shorten(std::string& text, std::int64_t tokens) {
  const std::string_view kept = first_tokens(text, tokens);
  if (kept.size() == text.size()) return false;
  text.resize(kept.size());
  return true;
}

void append_logprob(std::string& out, std::string_view token, double logprob) {
  char number[32];
  std::snprintf(number, sizeof number, "%.6f", logprob);
  out += "{\"token\":";
  append_quoted(out, token);
  out.append(",\"logprob\":").append(number).append(",\"bytes\":[");
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (i > 0) out += ',';
    append_number(out, static_cast<unsigned char>(token[i]));
  }
  out += ']';
}

}  // namespace

ChatChoice make_choice(const ChatRequest& request, const AnswerShape& shape, bool refuse, Draw draw) {
  ChatChoice choice;
  choice.reasoning_tokens = std::min(shape.reasoning_tokens, request.cap_per_choice);
  const std::int64_t room = request.cap_per_choice - choice.reasoning_tokens;
  const bool calls = !request.tools.empty() && (draw.share() < shape.tool_call_rate || request.must_call_tool);
  std::string* spoken = &choice.content;
  if (refuse) {
    choice.refusal = kRefusal;
    choice.finish_reason = "content_filter";
    spoken = &choice.refusal;
  } else if (calls) {
    const ChatRequest::Tool& tool = request.tools[draw.below(request.tools.size())];
    char id[32];
    std::snprintf(id, sizeof id, "call_%016llx", static_cast<unsigned long long>(draw.next()));
    choice.tool_call = ChatChoice::ToolCall{id, tool.name, boost::json::serialize(fill_schema(tool.parameters, draw))};
    choice.finish_reason = "tool_calls";
    spoken = &choice.tool_call->arguments;
  } else {
    choice.content = full_text(request, shape, draw);
  }
  if (shorten(*spoken, room) && !refuse) choice.finish_reason = "length";
  choice.tokens = choice.reasoning_tokens + tokens_in(*spoken);
  return choice;
}

void think(ChatChoice& choice, Draw draw) {
  choice.reasoning = prose(draw, static_cast<std::size_t>(choice.reasoning_tokens * kBytesPerToken));
}

std::vector<ChatLogprob> chat_logprobs(std::string_view content, int top, Draw draw) {
  std::vector<ChatLogprob> tokens;
  while (!content.empty()) {
    ChatLogprob one{first_tokens(content, 1), {}};
    content.remove_prefix(one.token.size());
    const double best = -0.5 * draw.share();
    append_logprob(one.entry, one.token, best);
    one.entry += ",\"top_logprobs\":[";
    for (int i = 0; i < top; ++i) {
      if (i > 0) one.entry += ',';
      const std::string other = i == 0 ? std::string(one.token) : phrase(draw).substr(0, 4);
      append_logprob(one.entry, other, best - i * (0.7 + draw.share()));
      one.entry += '}';
    }
    one.entry += "]}";
    tokens.push_back(std::move(one));
  }
  return tokens;
}

void append_logprobs(std::string& out, std::span<const ChatLogprob> tokens) {
  out += "{\"content\":[";
  for (const ChatLogprob& token : tokens) {
    if (&token != tokens.data()) out += ',';
    out += token.entry;
  }
  out += "],\"refusal\":null}";
}

}  // namespace teachersim

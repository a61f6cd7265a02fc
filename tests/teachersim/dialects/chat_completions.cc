#include "tests/teachersim/dialects/chat_completions.h"

#include <cassert>
#include <cmath>
#include <cstdio>

#include "tests/teachersim/answers/draw.h"
#include "tests/teachersim/answers/json_text.h"
#include "tests/teachersim/answers/pieces.h"
#include "tests/teachersim/dialects/chat_choice.h"
#include "tests/teachersim/dialects/openai_wording.h"

namespace teachersim {
namespace {

void append_text_or_null(std::string& out, std::string_view text, bool present) {
  if (present) {
    append_quoted(out, text);
  } else {
    out += "null";
  }
}

/// The members of a message (or of a stream's one delta) after its role.
void append_message(std::string& out, const ChatChoice& choice) {
  const bool says = choice.refusal.empty() && !choice.tool_call;
  out += "\"role\":\"assistant\",\"content\":";
  append_text_or_null(out, choice.content, says);
  out += ",\"refusal\":";
  append_text_or_null(out, choice.refusal, !choice.refusal.empty());
  if (!choice.tool_call) return;
  out += ",\"tool_calls\":[{\"index\":0,\"id\":";
  append_quoted(out, choice.tool_call->id);
  out += ",\"type\":\"function\",\"function\":{\"name\":";
  append_quoted(out, choice.tool_call->name);
  out += ",\"arguments\":";
  append_quoted(out, choice.tool_call->arguments);
  out += "}}]";
}

void append_usage(std::string& out, const Usage& usage) {
  out += "{\"prompt_tokens\":";
  append_number(out, usage.input_tokens);
  out += ",\"completion_tokens\":";
  append_number(out, usage.output_tokens);
  out += ",\"total_tokens\":";
  append_number(out, usage.input_tokens + usage.output_tokens);
  out += ",\"prompt_tokens_details\":{\"cached_tokens\":";
  append_number(out, usage.cached_tokens);
  out += ",\"audio_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":";
  append_number(out, usage.reasoning_tokens);
  out += ",\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}";
}

/// {"id":…,"object":…,"created":…,"model":…,"system_fingerprint":…  and no closing brace.
std::string head(std::string_view object, const ChatRequest& request, const Stamp& stamp,
                 std::string_view fingerprint) {
  std::string out = "{\"id\":";
  append_quoted(out, stamp.id);
  out.append(",\"object\":\"").append(object).append("\",\"created\":");
  append_number(out, stamp.created_s);
  out += ",\"model\":";
  append_quoted(out, request.model);
  out.append(",\"service_tier\":\"default\",\"system_fingerprint\":\"").append(fingerprint).append("\"");
  return out;
}

std::string whole_body(const std::string& head, const ChatRequest& request, const std::vector<ChatChoice>& choices,
                       const Usage& usage, const std::vector<Draw>& draws) {
  std::string out = head + ",\"choices\":[";
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) out += ',';
    out += "{\"index\":";
    append_number(out, static_cast<std::int64_t>(i));
    out += ",\"message\":{";
    append_message(out, choices[i]);
    out += ",\"annotations\":[]},\"logprobs\":";
    if (request.logprobs) {
      append_logprobs(out, choices[i].content, request.top_logprobs, draws[i]);
    } else {
      out += "null";
    }
    out.append(",\"finish_reason\":\"").append(choices[i].finish_reason).append("\"}");
  }
  out += "],\"usage\":";
  append_usage(out, usage);
  return out + "}\n";
}

std::string chunk(const std::string& head, std::size_t index, std::string_view delta, std::string_view finish_reason) {
  std::string data = head + ",\"choices\":[{\"index\":";
  append_number(data, static_cast<std::int64_t>(index));
  data.append(",\"delta\":{").append(delta).append("},\"logprobs\":null,\"finish_reason\":");
  append_text_or_null(data, finish_reason, !finish_reason.empty());
  return sse_event("", data + "}]}");
}

/// Server-sent events: what a choice says in deltas, one with its end, the usage if asked, [DONE].
std::vector<std::string> streamed_events(const std::string& head, const ChatRequest& request,
                                         const std::vector<ChatChoice>& choices, const Usage& usage,
                                         std::size_t piece) {
  std::vector<std::string> events;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    std::string delta;
    ChatChoice opening = choices[i];
    opening.content.clear();
    append_message(delta, opening);
    events.push_back(chunk(head, i, delta, ""));
    for (const std::string_view text : pieces_of(choices[i].content, piece)) {
      delta = "\"content\":";
      append_quoted(delta, text);
      events.push_back(chunk(head, i, delta, ""));
    }
    events.push_back(chunk(head, i, "", choices[i].finish_reason));
  }
  if (request.stream_usage) {
    std::string data = head + ",\"choices\":[],\"usage\":";
    append_usage(data, usage);
    events.push_back(sse_event("", data + "}"));
  }
  events.push_back(sse_event("", "[DONE]"));
  return events;
}

}  // namespace

ChatCompletions::ChatCompletions(const AnswerShape& shape) : shape_(shape) {
  assert(shape.bytes_min > 0 && shape.bytes_max >= shape.bytes_min);
  char text[24];
  std::snprintf(text, sizeof text, "fp_%010llx", static_cast<unsigned long long>(mix(shape.seed) >> 24));
  fingerprint_ = text;
}

bool ChatCompletions::speaks(std::string_view path) const {
  return path.ends_with("/chat/completions");
}

std::variant<std::unique_ptr<Question>, Trouble> ChatCompletions::read(std::string_view body) const {
  auto outcome = read_chat_request(body, shape_.default_output_cap);
  if (Trouble* trouble = std::get_if<Trouble>(&outcome)) return std::move(*trouble);
  return std::unique_ptr<Question>(std::move(std::get<std::unique_ptr<ChatRequest>>(outcome)));
}

Answer ChatCompletions::answer(const Question& question, const Stamp& stamp) const {
  const auto& request = static_cast<const ChatRequest&>(question);  // only this dialect's questions come here
  Answer answer;
  std::vector<ChatChoice> choices;
  std::vector<Draw> draws;
  for (int i = 0; i < request.choices; ++i) {
    draws.emplace_back(mix(request.key ^ mix(shape_.seed + static_cast<std::uint64_t>(i))));
    choices.push_back(make_choice(request, shape_, stamp.refuse, draws.back()));
    answer.usage.output_tokens += choices.back().tokens;
    answer.usage.reasoning_tokens += choices.back().reasoning_tokens;
  }
  assert(answer.usage.output_tokens <= request.output_cap);
  answer.usage.input_tokens = request.input_tokens;
  answer.usage.cached_tokens =
      static_cast<std::int64_t>(std::floor(static_cast<double>(request.input_tokens) * shape_.cached_share));

  const std::string_view object = request.stream ? "chat.completion.chunk" : "chat.completion";
  const std::string opening = head(object, request, stamp, fingerprint_);
  if (request.stream) {
    answer.content_type = "text/event-stream";
    answer.events =
        streamed_events(opening, request, choices, answer.usage, static_cast<std::size_t>(shape_.event_bytes));
  } else {
    answer.body = whole_body(opening, request, choices, answer.usage, draws);
  }
  for (ChatChoice& choice : choices) answer.contents.push_back(std::move(choice.content));
  return answer;
}

Reply ChatCompletions::reply(const Trouble& trouble) const {
  return openai_reply(trouble);
}

std::string ChatCompletions::limit_headers(limits::Limits& limits, limits::Time now) const {
  return openai_limit_headers(limits, now);
}

}  // namespace teachersim

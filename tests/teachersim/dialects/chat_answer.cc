#include "tests/teachersim/dialects/chat_answer.h"

#include <cassert>
#include <cmath>
#include <cstdio>

#include "tests/teachersim/answers/draw.h"
#include "tests/teachersim/answers/json_text.h"
#include "tests/teachersim/answers/pieces.h"

namespace teachersim {
namespace {

void append_text_or_null(std::string& out, std::string_view text, bool present) {
  if (present) {
    append_quoted(out, text);
  } else {
    out += "null";
  }
}

/// The members of a message, or of the delta that begins a stream.
void append_message(std::string& out, const ChatChoice& choice, std::string_view reasoning_field) {
  const bool says = choice.refusal.empty() && !choice.tool_call;
  out += "\"role\":\"assistant\",\"content\":";
  append_text_or_null(out, choice.content, says);
  out += ",\"refusal\":";
  append_text_or_null(out, choice.refusal, !choice.refusal.empty());
  if (!choice.reasoning.empty()) {
    out.append(",\"").append(reasoning_field).append("\":");
    append_quoted(out, choice.reasoning);
  }
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

std::string head(const ChatRequest& request, const AnswerShape& shape, const Stamp& stamp) {
  std::string out = "{\"id\":";
  append_quoted(out, stamp.id);
  out.append(",\"object\":\"").append(request.stream ? "chat.completion.chunk" : "chat.completion");
  out += "\",\"created\":";
  append_number(out, stamp.created_s);
  out += ",\"model\":";
  append_quoted(out, shape.model.empty() ? request.model : shape.model);
  out += ",\"service_tier\":\"default\",\"system_fingerprint\":";
  append_quoted(out, fingerprint_of(shape));
  return out;
}

}  // namespace

ChatAnswer::ChatAnswer(const ChatRequest& request, const AnswerShape& shape, const Stamp& stamp,
                       std::string_view reasoning_field)
    : request_(request), reasoning_field_(reasoning_field), head_(head(request, shape, stamp)) {
  for (int i = 0; i < request.choices; ++i) {
    const std::uint64_t number = shape.seed + static_cast<std::uint64_t>(i);
    draws_.emplace_back(mix(request.key ^ mix(number)));
    choices_.push_back(make_choice(request, shape, stamp.refuse, draws_.back()));
    if (!reasoning_field.empty()) think(choices_.back(), Draw(mix(request.key ^ mix(~number))));
    usage_.output_tokens += choices_.back().tokens;
    usage_.reasoning_tokens += choices_.back().reasoning_tokens;
  }
  assert(usage_.output_tokens <= request.output_cap);
  usage_.input_tokens = request.input_tokens;
  usage_.cached_tokens =
      static_cast<std::int64_t>(std::floor(static_cast<double>(request.input_tokens) * shape.cached_share));
}

std::vector<std::string> ChatAnswer::contents() const {
  std::vector<std::string> contents;
  for (const ChatChoice& choice : choices_) contents.push_back(choice.content);
  return contents;
}

std::string ChatAnswer::whole() const {
  std::string out = head_ + ",\"choices\":[";
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    if (i > 0) out += ',';
    out += "{\"index\":";
    append_number(out, static_cast<std::int64_t>(i));
    out += ",\"message\":{";
    append_message(out, choices_[i], reasoning_field_);
    out += ",\"annotations\":[]},\"logprobs\":";
    if (request_.logprobs) {
      append_logprobs(out, chat_logprobs(choices_[i].content, request_.top_logprobs, draws_[i]));
    } else {
      out += "null";
    }
    out.append(",\"finish_reason\":\"").append(choices_[i].finish_reason).append("\"}");
  }
  out += "],\"usage\":";
  append_usage(out, usage_);
  return out + "}\n";
}

std::vector<std::string> ChatAnswer::events(std::size_t piece) const {
  std::vector<std::string> events;
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    std::string delta;
    ChatChoice opening = choices_[i];
    opening.content.clear();
    opening.reasoning.clear();
    append_message(delta, opening, reasoning_field_);
    events.push_back(chunk(i, delta, {}, ""));
    for (const std::string_view text : pieces_of(choices_[i].reasoning, piece)) {
      delta = "\"" + std::string(reasoning_field_) + "\":";
      append_quoted(delta, text);
      events.push_back(chunk(i, delta, {}, ""));
    }
    add_content(events, i, piece);
    events.push_back(chunk(i, "", {}, choices_[i].finish_reason));
  }
  if (request_.stream_usage) {
    std::string data = head_ + ",\"choices\":[],\"usage\":";
    append_usage(data, usage_);
    events.push_back(sse_event("", data + "}"));
  }
  events.push_back(sse_event("", "[DONE]"));
  return events;
}

void ChatAnswer::add_content(std::vector<std::string>& events, std::size_t index, std::size_t piece) const {
  auto add = [&](std::string_view text, std::span<const ChatLogprob> logprobs) {
    std::string delta = "\"content\":";
    append_quoted(delta, text);
    events.push_back(chunk(index, delta, logprobs, ""));
  };
  const std::string& content = choices_[index].content;
  if (!request_.logprobs) {
    for (const std::string_view text : pieces_of(content, piece)) add(text, {});
    return;
  }
  const std::vector<ChatLogprob> tokens = chat_logprobs(content, request_.top_logprobs, draws_[index]);
  std::size_t begin = 0;  // of the text
  for (std::size_t first = 0; first < tokens.size();) {
    std::size_t last = first + 1;
    std::size_t bytes = tokens[first].token.size();
    for (; last < tokens.size() && bytes + tokens[last].token.size() <= piece; ++last)
      bytes += tokens[last].token.size();
    add(std::string_view(content).substr(begin, bytes), std::span(tokens).subspan(first, last - first));
    begin += bytes;
    first = last;
  }
}

std::string ChatAnswer::chunk(std::size_t index, std::string_view delta, std::span<const ChatLogprob> logprobs,
                              std::string_view finish_reason) const {
  std::string data = head_ + ",\"choices\":[{\"index\":";
  append_number(data, static_cast<std::int64_t>(index));
  data.append(",\"delta\":{").append(delta).append("},\"logprobs\":");
  if (logprobs.empty()) {
    data += "null";
  } else {
    append_logprobs(data, logprobs);
  }
  data += ",\"finish_reason\":";
  append_text_or_null(data, finish_reason, !finish_reason.empty());
  return sse_event("", data + "}]}");
}

}  // namespace teachersim

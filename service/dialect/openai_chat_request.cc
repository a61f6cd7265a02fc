#include "service/dialect/openai_chat_request.h"

#include "service/dialect/json_text.h"
#include "service/dialect/openai_profile.h"

namespace harvest::dialect {
namespace {

using json_text::append_key;
using json_text::append_number;
using json_text::append_string;

void append_text_field(std::string& out, std::string_view key, std::string_view text) {
  append_key(out, key);
  append_string(out, text);
}

void append_raw_field(std::string& out, std::string_view key, std::string_view json) {
  append_key(out, key);
  out += json;
}

void append_bool_field(std::string& out, std::string_view key, bool value) {
  append_raw_field(out, key, value ? "true" : "false");
}

template <typename Number>
void append_number_field(std::string& out, std::string_view key, Number value) {
  append_key(out, key);
  append_number(out, value);
}

void append_message(std::string& out, const v1::Message& message) {
  out += '{';
  append_text_field(out, "role", message.role());
  if (!message.parts_json().empty()) {
    append_raw_field(out, "content", message.parts_json());
  } else if (message.content().empty() && !message.tool_calls_json().empty()) {
    append_raw_field(out, "content", "null");  // an assistant that only calls tools says nothing, not ""
  } else {
    append_text_field(out, "content", message.content());
  }
  if (!message.name().empty()) append_text_field(out, "name", message.name());
  if (!message.reasoning_content().empty()) append_text_field(out, "reasoning_content", message.reasoning_content());
  if (!message.tool_calls_json().empty()) append_raw_field(out, "tool_calls", message.tool_calls_json());
  if (!message.tool_call_id().empty()) append_text_field(out, "tool_call_id", message.tool_call_id());
  out += '}';
}

void append_messages(std::string& out, const v1::Prompt& prompt) {
  append_key(out, "messages");
  out += '[';
  for (int i = 0; i < prompt.messages_size(); ++i) {
    if (i > 0) out += ',';
    append_message(out, prompt.messages(i));
  }
  out += ']';
}

void append_stop(std::string& out, const v1::Sampling& sampling) {
  append_key(out, "stop");
  out += '[';
  for (int i = 0; i < sampling.stop_size(); ++i) {
    if (i > 0) out += ',';
    append_string(out, sampling.stop(i));
  }
  out += ']';
}

void append_sampling(std::string& out, const v1::Sampling& sampling) {
  if (sampling.has_temperature()) append_number_field(out, "temperature", sampling.temperature());
  if (sampling.has_top_p()) append_number_field(out, "top_p", sampling.top_p());
  if (sampling.has_frequency_penalty()) append_number_field(out, "frequency_penalty", sampling.frequency_penalty());
  if (sampling.has_presence_penalty()) append_number_field(out, "presence_penalty", sampling.presence_penalty());
  if (sampling.has_seed()) append_number_field(out, "seed", int64_t{sampling.seed()});
  if (sampling.stop_size() > 0) append_stop(out, sampling);
  if (sampling.has_top_logprobs()) {
    append_bool_field(out, "logprobs", true);
    if (sampling.top_logprobs() > 0) append_number_field(out, "top_logprobs", int64_t{sampling.top_logprobs()});
  }
  if (!sampling.reasoning_effort().empty()) append_text_field(out, "reasoning_effort", sampling.reasoning_effort());
  if (!sampling.service_tier().empty()) append_text_field(out, "service_tier", sampling.service_tier());
  if (!sampling.response_format_json().empty())
    append_raw_field(out, "response_format", sampling.response_format_json());
}

void append_tools(std::string& out, const QueryView& query) {
  if (!query.prompt.tools_json().empty()) append_raw_field(out, "tools", query.prompt.tools_json());
  if (!query.prompt.tool_choice_json().empty()) append_raw_field(out, "tool_choice", query.prompt.tool_choice_json());
  if (query.sampling.has_parallel_tool_calls())
    append_bool_field(out, "parallel_tool_calls", query.sampling.parallel_tool_calls());
}

size_t size_guess(const QueryView& query) {
  size_t bytes = 512 + query.prompt.tools_json().size() + query.sampling.response_format_json().size() +
                 query.sampling.extra_body_json().size();
  for (const v1::Message& message : query.prompt.messages())
    bytes += 64 + message.content().size() * 17 / 16 + message.parts_json().size() + message.tool_calls_json().size();
  return bytes;
}

}  // namespace

std::string chat_body(const v1::Teacher& teacher, const QueryView& query) {
  std::string out;
  out.reserve(size_guess(query));
  out += '{';
  append_text_field(out, "model", teacher.model());
  append_messages(out, query.prompt);
  append_sampling(out, query.sampling);
  if (query.choices > 1) append_number_field(out, "n", int64_t{query.choices});
  if (query.sampling.has_max_output_tokens())
    append_number_field(out, output_cap_field(teacher), int64_t{query.sampling.max_output_tokens()});
  append_tools(out, query);
  if (const std::string_view extra = json_text::inside_object(query.sampling.extra_body_json()); !extra.empty()) {
    out += ',';
    out += extra;
  }
  out += '}';
  return out;
}

}  // namespace harvest::dialect

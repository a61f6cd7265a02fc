#include "service/dialect/openai/openai_chat_request.h"

#include "service/dialect/json_fields.h"
#include "service/dialect/json_text.h"

namespace harvest::dialect {
namespace {

using json_text::append_key;
using json_text::append_string;

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

void append_logprobs(std::string& out, const OpenAiProfile& profile, uint32_t top) {
  if (profile.logprobs_is_count) return append_number_field(out, "logprobs", int64_t{top > 0 ? top : 1});
  append_bool_field(out, "logprobs", true);
  if (top > 0) append_number_field(out, "top_logprobs", int64_t{top});
}

void append_reasoning(std::string& out, const OpenAiProfile& profile, const v1::Sampling& sampling) {
  using Reasoning = OpenAiProfile::Reasoning;
  const std::string& effort = sampling.reasoning_effort();
  if (profile.reasoning == Reasoning::kObject && (!effort.empty() || sampling.has_reasoning_budget_tokens())) {
    append_key(out, "reasoning");
    out += '{';
    if (!effort.empty()) append_text_field(out, "effort", effort);
    if (sampling.has_reasoning_budget_tokens())
      append_number_field(out, "max_tokens", int64_t{sampling.reasoning_budget_tokens()});
    out += '}';
    return;
  }
  if (!effort.empty() && profile.reasoning == Reasoning::kThinkingToo) {
    append_raw_field(out, "thinking", effort == "none" ? R"({"type":"disabled"})" : R"({"type":"enabled"})");
    if (effort == "none") return;
  }
  if (!effort.empty()) append_text_field(out, "reasoning_effort", effort);
  if (sampling.has_reasoning_budget_tokens())
    append_number_field(out, "thinking_token_budget", int64_t{sampling.reasoning_budget_tokens()});
}

void append_sampling(std::string& out, const OpenAiProfile& profile, const v1::Sampling& sampling) {
  if (sampling.has_temperature()) append_number_field(out, "temperature", sampling.temperature());
  if (sampling.has_top_p()) append_number_field(out, "top_p", sampling.top_p());
  if (sampling.has_top_k()) append_number_field(out, "top_k", int64_t{sampling.top_k()});
  if (sampling.has_frequency_penalty()) append_number_field(out, "frequency_penalty", sampling.frequency_penalty());
  if (sampling.has_presence_penalty()) append_number_field(out, "presence_penalty", sampling.presence_penalty());
  if (sampling.has_seed()) append_number_field(out, profile.seed_field, int64_t{sampling.seed()});
  if (sampling.stop_size() > 0) append_text_list(out, "stop", sampling.stop());
  if (sampling.has_top_logprobs()) append_logprobs(out, profile, sampling.top_logprobs());
  append_reasoning(out, profile, sampling);
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

std::string chat_body(const OpenAiProfile& profile, std::string_view model, const QueryView& query) {
  std::string out;
  out.reserve(size_guess(query));
  out += '{';
  if (!model.empty()) append_text_field(out, "model", model);
  append_messages(out, query.prompt);
  append_sampling(out, profile, query.sampling);
  if (query.choices > 1) append_number_field(out, "n", int64_t{query.choices});
  if (query.sampling.has_max_output_tokens())
    append_number_field(out, profile.cap_field, int64_t{query.sampling.max_output_tokens()});
  append_tools(out, query);
  if (query.stream) append_bool_field(out, "stream", true);
  if (query.stream && profile.stream_usage) append_raw_field(out, "stream_options", R"({"include_usage":true})");
  append_extra_body(out, query.sampling);
  out += '}';
  return out;
}

}  // namespace harvest::dialect

#include "service/dialect/cohere/cohere_request.h"

#include <vector>

#include "service/dialect/asked.h"
#include "service/dialect/cohere/cohere_messages.h"
#include "service/dialect/field_error.h"
#include "service/dialect/json_fields.h"

namespace harvest::dialect {
namespace {

using json_text::append_key;

/// What all tools say of `strict`, which is said once here; kMixed where they disagree.
enum class Strictness : uint8_t { kUnstated, kLoose, kStrict, kMixed };

Strictness strictness_of(const std::vector<Tool>& tools) {
  Strictness all = Strictness::kUnstated;
  for (size_t i = 0; i < tools.size(); ++i) {
    Strictness one = Strictness::kUnstated;
    if (tools[i].strict) one = *tools[i].strict ? Strictness::kStrict : Strictness::kLoose;
    if (i > 0 && one != all) return Strictness::kMixed;
    all = one;
  }
  return all;
}

void append_format(std::string& out, const std::string& response_format_json) {
  const auto format = read_response_format(response_format_json);
  if (!format.ok()) return;  // Invariant: as above.
  append_key(out, "response_format");
  out += '{';
  append_text_field(out, "type", format->kind == ResponseFormat::Kind::kText ? "text" : "json_object");
  if (format->kind == ResponseFormat::Kind::kJsonSchema) append_raw_field(out, "json_schema", format->schema_json);
  out += '}';
}

void append_thinking(std::string& out, uint32_t budget) {
  append_key(out, "thinking");
  out += '{';
  append_text_field(out, "type", budget > 0 ? "enabled" : "disabled");
  if (budget > 0) append_number_field(out, "token_budget", int64_t{budget});
  out += '}';
}

void append_sampling(std::string& out, const v1::Sampling& sampling) {
  if (sampling.has_temperature()) append_number_field(out, "temperature", sampling.temperature());
  if (sampling.has_top_p()) append_number_field(out, "p", sampling.top_p());
  if (sampling.has_top_k()) append_number_field(out, "k", int64_t{sampling.top_k()});
  if (sampling.has_frequency_penalty()) append_number_field(out, "frequency_penalty", sampling.frequency_penalty());
  if (sampling.has_presence_penalty()) append_number_field(out, "presence_penalty", sampling.presence_penalty());
  if (sampling.has_seed()) append_number_field(out, "seed", int64_t{sampling.seed()});
  if (sampling.stop_size() > 0) append_text_list(out, "stop_sequences", sampling.stop());
  if (sampling.has_top_logprobs()) append_bool_field(out, "logprobs", true);
  if (sampling.reasoning_effort() == "none") append_thinking(out, 0);
  if (sampling.has_reasoning_budget_tokens()) append_thinking(out, sampling.reasoning_budget_tokens());
  if (!sampling.response_format_json().empty()) append_format(out, sampling.response_format_json());
  if (sampling.has_max_output_tokens()) append_number_field(out, "max_tokens", int64_t{sampling.max_output_tokens()});
}

void append_tools(std::string& out, const v1::Prompt& prompt) {
  const auto tools = read_tools(prompt.tools_json());
  if (tools.ok() && !tools->empty()) {
    append_key(out, "tools");
    out += '[';
    for (const Tool& tool : *tools) {
      out += out.back() == '[' ? "{" : ",{";
      append_text_field(out, "type", "function");
      append_key(out, "function");
      out += '{';
      append_text_field(out, "name", tool.name);
      if (!tool.description.empty()) append_text_field(out, "description", tool.description);
      append_raw_field(out, "parameters", tool.parameters_json.empty() ? "{}" : tool.parameters_json);
      out += "}}";
    }
    out += ']';
    const Strictness strict = strictness_of(*tools);
    if (strict != Strictness::kUnstated) append_bool_field(out, "strict_tools", strict == Strictness::kStrict);
  }
  const auto choice = read_tool_choice(prompt.tool_choice_json());
  if (!choice.ok()) return;
  if (choice->mode == ToolChoice::Mode::kRequired) append_text_field(out, "tool_choice", "REQUIRED");
  if (choice->mode == ToolChoice::Mode::kNone) append_text_field(out, "tool_choice", "NONE");
}

}  // namespace

absl::Status check_cohere_tools(const v1::Prompt& prompt) {
  if (const auto tools = read_tools(prompt.tools_json()); tools.ok() && strictness_of(*tools) == Strictness::kMixed)
    return field_error("tools", "cohere-v2 takes one `strict` for all, found several");
  if (const auto choice = read_tool_choice(prompt.tool_choice_json());
      choice.ok() && choice->mode == ToolChoice::Mode::kNamed)
    return field_error("tool_choice", "cohere-v2 cannot be told which, expected auto, none or required");
  return absl::OkStatus();
}

std::string cohere_body(std::string_view model, const QueryView& query) {
  std::string out = "{";
  append_text_field(out, "model", model);
  append_cohere_messages(out, query.prompt);
  append_sampling(out, query.sampling);
  append_tools(out, query.prompt);
  append_bool_field(out, "stream", query.stream);
  append_extra_body(out, query.sampling);
  out += '}';
  return out;
}

}  // namespace harvest::dialect

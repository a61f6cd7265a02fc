#include "service/dialect/openai/openai_responses_request.h"

#include "service/dialect/asked.h"
#include "service/dialect/json_fields.h"
#include "service/dialect/openai/openai_responses_input.h"

namespace harvest::dialect {
namespace {

using json_text::append_key;
using json_text::append_string;

void append_effort(std::string& out, const std::string& effort) {
  append_key(out, "reasoning");
  out += '{';
  append_text_field(out, "effort", effort);
  if (effort != "none") append_text_field(out, "summary", "auto");
  out += '}';
}

void append_format(std::string& out, const std::string& response_format_json) {
  const auto format = read_response_format(response_format_json);
  if (!format.ok()) return;  // Invariant: check() has refused such a query.
  append_key(out, "text");
  out += "{\"format\":{";
  append_text_field(out, "type", format->type);
  if (format->kind == ResponseFormat::Kind::kJsonSchema) {
    append_text_field(out, "name", format->name);
    if (!format->description.empty()) append_text_field(out, "description", format->description);
    append_raw_field(out, "schema", format->schema_json);
    if (format->strict) append_bool_field(out, "strict", *format->strict);
  }
  out += "}}";
}

void append_responses_sampling(std::string& out, const v1::Sampling& sampling) {
  if (sampling.has_temperature()) append_number_field(out, "temperature", sampling.temperature());
  if (sampling.has_top_p()) append_number_field(out, "top_p", sampling.top_p());
  if (sampling.has_top_logprobs()) append_raw_field(out, "include", R"(["message.output_text.logprobs"])");
  if (sampling.top_logprobs() > 0) append_number_field(out, "top_logprobs", int64_t{sampling.top_logprobs()});
  if (!sampling.reasoning_effort().empty()) append_effort(out, sampling.reasoning_effort());
  if (!sampling.response_format_json().empty()) append_format(out, sampling.response_format_json());
  if (!sampling.service_tier().empty()) append_text_field(out, "service_tier", sampling.service_tier());
  if (sampling.has_max_output_tokens())
    append_number_field(out, "max_output_tokens", int64_t{sampling.max_output_tokens()});
}

/// Flat, where chat nests them in `function`.
void append_flat_tool(std::string& out, const Tool& tool) {
  out += '{';
  append_text_field(out, "type", "function");
  append_text_field(out, "name", tool.name);
  if (!tool.description.empty()) append_text_field(out, "description", tool.description);
  append_raw_field(out, "parameters", tool.parameters_json.empty() ? "null" : tool.parameters_json);
  append_bool_field(out, "strict", tool.strict.value_or(false));
  out += '}';
}

void append_tool_choice(std::string& out, const std::string& tool_choice_json) {
  const auto choice = read_tool_choice(tool_choice_json);
  if (!choice.ok() || choice->mode == ToolChoice::Mode::kUnstated) return;
  if (choice->mode != ToolChoice::Mode::kNamed) return append_raw_field(out, "tool_choice", tool_choice_json);
  append_key(out, "tool_choice");
  out += R"({"type":"function","name":)";
  append_string(out, choice->name);
  out += '}';
}

void append_flat_tools(std::string& out, const QueryView& query) {
  if (const auto tools = read_tools(query.prompt.tools_json()); tools.ok() && !tools->empty()) {
    append_key(out, "tools");
    out += '[';
    for (const Tool& tool : *tools) {
      if (out.back() != '[') out += ',';
      append_flat_tool(out, tool);
    }
    out += ']';
  }
  append_tool_choice(out, query.prompt.tool_choice_json());
  if (query.sampling.has_parallel_tool_calls())
    append_bool_field(out, "parallel_tool_calls", query.sampling.parallel_tool_calls());
}

}  // namespace

std::string responses_body(std::string_view model, const QueryView& query) {
  std::string out = "{";
  append_text_field(out, "model", model);
  if (const std::string system = system_text(query.prompt); !system.empty())
    append_text_field(out, "instructions", system);
  append_input(out, query.prompt);
  append_responses_sampling(out, query.sampling);
  append_flat_tools(out, query);
  append_bool_field(out, "store", false);
  if (query.stream) append_bool_field(out, "stream", true);
  append_extra_body(out, query.sampling);
  out += '}';
  return out;
}

}  // namespace harvest::dialect

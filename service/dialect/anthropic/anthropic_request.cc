#include "service/dialect/anthropic/anthropic_request.h"

#include "service/dialect/anthropic/anthropic_content.h"
#include "service/dialect/asked.h"
#include "service/dialect/json_fields.h"

namespace harvest::dialect {
namespace {

using json_text::append_key;
using json_text::append_string;

constexpr uint32_t kOutputCap = 1024;

void append_thinking(std::string& out, uint32_t budget_tokens) {
  append_key(out, "thinking");
  out += '{';
  append_text_field(out, "type", budget_tokens == 0 ? "disabled" : "enabled");
  if (budget_tokens > 0) {
    append_number_field(out, "budget_tokens", int64_t{budget_tokens});
    append_text_field(out, "display", "summarized");
  }
  out += '}';
}

/// How hard it tries, and the schema that it holds to.
void append_output_config(std::string& out, const v1::Sampling& sampling) {
  const auto format = read_response_format(sampling.response_format_json());
  const bool schema = format.ok() && format->kind == ResponseFormat::Kind::kJsonSchema;
  if (sampling.reasoning_effort().empty() && !schema) return;
  append_key(out, "output_config");
  out += '{';
  if (!sampling.reasoning_effort().empty()) append_text_field(out, "effort", sampling.reasoning_effort());
  if (schema) {
    append_key(out, "format");
    out += R"({"type":"json_schema")";
    append_raw_field(out, "schema", format->schema_json);
    out += '}';
  }
  out += '}';
}

void append_sampling(std::string& out, const v1::Sampling& sampling) {
  if (sampling.has_temperature()) append_number_field(out, "temperature", sampling.temperature());
  if (sampling.has_top_p()) append_number_field(out, "top_p", sampling.top_p());
  if (sampling.has_top_k()) append_number_field(out, "top_k", int64_t{sampling.top_k()});
  if (!sampling.stop().empty()) append_text_list(out, "stop_sequences", sampling.stop());
  if (sampling.has_reasoning_budget_tokens()) append_thinking(out, sampling.reasoning_budget_tokens());
  append_output_config(out, sampling);
  if (!sampling.service_tier().empty()) append_text_field(out, "service_tier", sampling.service_tier());
}

void append_tool(std::string& out, const Tool& tool) {
  out += '{';
  append_text_field(out, "name", tool.name);
  if (!tool.description.empty()) append_text_field(out, "description", tool.description);
  const bool takes_none = json_text::inside_object(tool.parameters_json).empty();
  append_raw_field(out, "input_schema", takes_none ? R"({"type":"object"})" : tool.parameters_json);
  if (tool.strict) append_bool_field(out, "strict", *tool.strict);
  out += '}';
}

std::string_view choice_type(ToolChoice::Mode mode) {
  switch (mode) {
    case ToolChoice::Mode::kNone:
      return "none";
    case ToolChoice::Mode::kRequired:
      return "any";
    case ToolChoice::Mode::kNamed:
      return "tool";
    case ToolChoice::Mode::kUnstated:
    case ToolChoice::Mode::kAuto:
      break;
  }
  return "auto";
}

/// Whether calls may be parallel is said within the choice; where none is allowed, there is nothing to say.
void append_tool_choice(std::string& out, const ToolChoice& choice, const v1::Sampling& sampling) {
  const bool parallel_stated = sampling.has_parallel_tool_calls() && choice.mode != ToolChoice::Mode::kNone;
  if (choice.mode == ToolChoice::Mode::kUnstated && !parallel_stated) return;
  append_key(out, "tool_choice");
  out += '{';
  append_text_field(out, "type", choice_type(choice.mode));
  if (choice.mode == ToolChoice::Mode::kNamed) append_text_field(out, "name", choice.name);
  if (parallel_stated) append_bool_field(out, "disable_parallel_tool_use", !sampling.parallel_tool_calls());
  out += '}';
}

void append_tools(std::string& out, const QueryView& query) {
  const auto tools = read_tools(query.prompt.tools_json());
  if (!tools.ok() || tools->empty()) return;
  append_key(out, "tools");
  out += '[';
  for (const Tool& tool : *tools) {
    if (out.back() != '[') out += ',';
    append_tool(out, tool);
  }
  out += ']';
  if (const auto choice = read_tool_choice(query.prompt.tool_choice_json()); choice.ok())
    append_tool_choice(out, *choice, query.sampling);
}

}  // namespace

uint32_t anthropic_output_cap(const v1::Teacher& teacher, const v1::Sampling& sampling) {
  if (sampling.has_max_output_tokens()) return sampling.max_output_tokens();
  return teacher.default_max_output_tokens() > 0 ? teacher.default_max_output_tokens() : kOutputCap;
}

std::string anthropic_body(const v1::Teacher& teacher, const QueryView& query) {
  std::string out = "{";
  append_text_field(out, "model", teacher.model());
  append_number_field(out, "max_tokens", int64_t{anthropic_output_cap(teacher, query.sampling)});
  if (const std::string system = system_text(query.prompt); !system.empty()) append_text_field(out, "system", system);
  append_anthropic_turns(out, query.prompt);
  append_sampling(out, query.sampling);
  append_tools(out, query);
  if (query.stream) append_bool_field(out, "stream", true);
  append_extra_body(out, query.sampling);
  out += '}';
  return out;
}

}  // namespace harvest::dialect

#include "service/dialect/bedrock/bedrock_converse_request.h"

#include <string_view>

#include "service/dialect/asked.h"
#include "service/dialect/bedrock/bedrock_content.h"
#include "service/dialect/json_fields.h"

namespace harvest::dialect {
namespace {

using json_text::append_key;

// Invariant of all that follows: check() has refused a query that cannot be taken apart.

void append_inference(std::string& out, const v1::Sampling& sampling) {
  std::string fields = "{";
  if (sampling.has_max_output_tokens()) append_number_field(fields, "maxTokens", int64_t{sampling.max_output_tokens()});
  if (sampling.has_temperature()) append_number_field(fields, "temperature", sampling.temperature());
  if (sampling.has_top_p()) append_number_field(fields, "topP", sampling.top_p());
  if (!sampling.stop().empty()) append_text_list(fields, "stopSequences", sampling.stop());
  if (fields.size() > 1) append_raw_field(out, "inferenceConfig", fields + "}");
}

void append_tool(std::string& out, const Tool& tool) {
  begin_element(out);
  begin_object(out, "toolSpec");
  append_text_field(out, "name", tool.name);
  if (!tool.description.empty()) append_text_field(out, "description", tool.description);
  begin_object(out, "inputSchema");
  const bool takes_none = json_text::inside_object(tool.parameters_json).empty();
  append_raw_field(out, "json", takes_none ? R"({"type":"object"})" : tool.parameters_json);
  out += '}';
  if (tool.strict) append_bool_field(out, "strict", *tool.strict);
  out += "}}";
}

void append_tool_choice(std::string& out, const ToolChoice& choice) {
  if (choice.mode == ToolChoice::Mode::kAuto) append_raw_field(out, "toolChoice", R"({"auto":{}})");
  if (choice.mode == ToolChoice::Mode::kRequired) append_raw_field(out, "toolChoice", R"({"any":{}})");
  if (choice.mode != ToolChoice::Mode::kNamed) return;
  begin_object(out, "toolChoice");
  begin_object(out, "tool");
  append_text_field(out, "name", choice.name);
  out += "}}";
}

void append_tools(std::string& out, const v1::Prompt& prompt) {
  const auto tools = read_tools(prompt.tools_json());
  if (!tools.ok() || tools->empty()) return;
  begin_object(out, "toolConfig");
  append_key(out, "tools");
  out += '[';
  for (const Tool& tool : *tools) append_tool(out, tool);
  out += ']';
  if (const auto choice = read_tool_choice(prompt.tool_choice_json()); choice.ok()) append_tool_choice(out, *choice);
  out += '}';
}

void append_schema(std::string& out, const ResponseFormat& format) {
  begin_object(out, "textFormat");
  append_text_field(out, "type", "json_schema");
  begin_object(out, "structure");
  begin_object(out, "jsonSchema");
  append_text_field(out, "schema", format.schema_json);  // JSON within a string
  if (!format.name.empty()) append_text_field(out, "name", format.name);
  if (!format.description.empty()) append_text_field(out, "description", format.description);
  out += "}}}";
}

void append_output(std::string& out, const v1::Sampling& sampling) {
  const auto format = read_response_format(sampling.response_format_json());
  const bool schema = format.ok() && format->kind == ResponseFormat::Kind::kJsonSchema;
  if (!schema && sampling.reasoning_effort().empty()) return;
  begin_object(out, "outputConfig");
  if (schema) append_schema(out, *format);
  if (!sampling.reasoning_effort().empty()) append_text_field(out, "effort", sampling.reasoning_effort());
  out += '}';
}

}  // namespace

std::string converse_body(const QueryView& query) {
  std::string out = "{";
  if (const std::string system = system_text(query.prompt); !system.empty()) {
    append_key(out, "system");
    out += "[{";
    append_text_field(out, "text", system);
    out += "}]";
  }
  append_converse_turns(out, query.prompt);
  append_inference(out, query.sampling);
  append_tools(out, query.prompt);
  append_output(out, query.sampling);
  if (!query.sampling.service_tier().empty()) {
    begin_object(out, "serviceTier");
    append_text_field(out, "type", query.sampling.service_tier());
    out += '}';
  }
  append_extra_body(out, query.sampling);
  out += '}';
  return out;
}

}  // namespace harvest::dialect

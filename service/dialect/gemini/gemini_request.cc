#include "service/dialect/gemini/gemini_request.h"

#include <algorithm>
#include <vector>

#include "service/dialect/asked.h"
#include "service/dialect/gemini/gemini_contents.h"
#include "service/dialect/json_fields.h"

namespace harvest::dialect {
namespace {

using json_text::append_key;

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

void append_system(std::string& out, const v1::Prompt& prompt) {
  const std::string system = system_text(prompt);
  if (system.empty()) return;
  append_key(out, "systemInstruction");
  out += "{\"parts\":[{";
  append_text_field(out, "text", system);
  out += "}]}";
}

void append_format(std::string& out, const std::string& response_format_json) {
  const auto format = read_response_format(response_format_json);
  if (!format.ok() || format->kind == ResponseFormat::Kind::kText) return;
  append_text_field(out, "responseMimeType", "application/json");
  if (format->kind == ResponseFormat::Kind::kJsonSchema)
    append_raw_field(out, "responseJsonSchema", format->schema_json.empty() ? "{}" : format->schema_json);
}

void append_thinking(std::string& out, const v1::Sampling& sampling) {
  const bool level = !sampling.reasoning_effort().empty();
  if (!level && !sampling.has_reasoning_budget_tokens()) return;
  append_key(out, "thinkingConfig");
  out += '{';
  if (level || sampling.reasoning_budget_tokens() > 0) append_bool_field(out, "includeThoughts", true);
  if (level) append_text_field(out, "thinkingLevel", upper(sampling.reasoning_effort()));
  if (!level) append_number_field(out, "thinkingBudget", int64_t{sampling.reasoning_budget_tokens()});
  out += '}';
}

void append_config(std::string& out, const v1::Sampling& sampling, uint32_t choices) {
  append_key(out, "generationConfig");
  out += '{';
  if (sampling.has_temperature()) append_number_field(out, "temperature", sampling.temperature());
  if (sampling.has_top_p()) append_number_field(out, "topP", sampling.top_p());
  if (sampling.has_top_k()) append_number_field(out, "topK", int64_t{sampling.top_k()});
  if (sampling.has_seed()) append_number_field(out, "seed", int64_t{sampling.seed()});
  if (sampling.has_frequency_penalty()) append_number_field(out, "frequencyPenalty", sampling.frequency_penalty());
  if (sampling.has_presence_penalty()) append_number_field(out, "presencePenalty", sampling.presence_penalty());
  if (!sampling.stop().empty()) append_text_list(out, "stopSequences", sampling.stop());
  if (choices > 1) append_number_field(out, "candidateCount", int64_t{choices});
  if (sampling.has_max_output_tokens())
    append_number_field(out, "maxOutputTokens", int64_t{sampling.max_output_tokens()});
  append_format(out, sampling.response_format_json());
  if (sampling.has_top_logprobs()) append_bool_field(out, "responseLogprobs", true);
  if (sampling.top_logprobs() > 0) append_number_field(out, "logprobs", int64_t{sampling.top_logprobs()});
  append_thinking(out, sampling);
  out += '}';
}

void append_tool(std::string& out, const Tool& tool) {
  out += out.back() == '[' ? "{" : ",{";
  append_text_field(out, "name", tool.name);
  if (!tool.description.empty()) append_text_field(out, "description", tool.description);
  if (!tool.parameters_json.empty()) append_raw_field(out, "parametersJsonSchema", tool.parameters_json);
  out += '}';
}

std::string_view calling_mode(ToolChoice::Mode mode, bool strict) {
  switch (mode) {
    case ToolChoice::Mode::kNone:
      return "NONE";
    case ToolChoice::Mode::kRequired:
    case ToolChoice::Mode::kNamed:
      return "ANY";
    case ToolChoice::Mode::kAuto:
      return strict ? "VALIDATED" : "AUTO";
    case ToolChoice::Mode::kUnstated:
      break;
  }
  return strict ? "VALIDATED" : "";
}

void append_tools(std::string& out, const v1::Prompt& prompt) {
  const auto tools = read_tools(prompt.tools_json());
  const auto choice = read_tool_choice(prompt.tool_choice_json());
  if (!tools.ok() || !choice.ok()) return;  // Invariant: check() has refused such a query.
  if (!tools->empty()) {
    append_key(out, "tools");
    out += "[{\"functionDeclarations\":[";
    for (const Tool& tool : *tools) append_tool(out, tool);
    out += "]}]";
  }
  const bool strict =
      std::any_of(tools->begin(), tools->end(), [](const Tool& tool) { return tool.strict.value_or(false); });
  const std::string_view mode = calling_mode(choice->mode, strict);
  if (mode.empty()) return;
  append_key(out, "toolConfig");
  out += "{\"functionCallingConfig\":{";
  append_text_field(out, "mode", mode);
  if (choice->mode == ToolChoice::Mode::kNamed)
    append_text_list(out, "allowedFunctionNames", std::vector<std::string>{choice->name});
  out += "}}";
}

}  // namespace

std::string gemini_body(const QueryView& query) {
  std::string out = "{";
  append_system(out, query.prompt);
  append_contents(out, query.prompt);
  append_tools(out, query.prompt);
  append_config(out, query.sampling, query.choices);
  if (!query.sampling.service_tier().empty()) append_text_field(out, "serviceTier", query.sampling.service_tier());
  append_extra_body(out, query.sampling);
  out += '}';
  return out;
}

}  // namespace harvest::dialect

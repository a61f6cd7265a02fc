#include "service/dialect/ollama/ollama_request.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

#include "service/dialect/ascii.h"
#include "service/dialect/asked.h"
#include "service/dialect/field_error.h"
#include "service/dialect/json_fields.h"
#include "service/dialect/ollama/ollama_messages.h"

namespace harvest::dialect {
namespace {

using json_text::append_key;

constexpr std::array<std::string_view, 6> kOwnOptions{"temperature", "top_p", "top_k", "seed", "stop", "num_predict"};

/// Members of extra_body, verbatim.
struct Extra {
  std::string options;  ///< inside of its `options`
  std::string rest;
};

Extra split_extra(std::string_view extra_body_json) {
  namespace ondemand = simdjson::ondemand;
  Extra extra;
  if (extra_body_json.empty()) return extra;
  const simdjson::padded_string text(extra_body_json);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS || document.get_object().get(object) != simdjson::SUCCESS)
    return extra;  // Invariant: check() has refused such a query.
  for (auto field : object) {
    std::string_view key, value;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS ||
        simdjson::to_json_string(field.value()).get(value) != simdjson::SUCCESS)
      break;
    value = ascii::trimmed(value);
    if (key == "options") {
      extra.options = json_text::inside_object(value);
      continue;
    }
    if (!extra.rest.empty()) extra.rest += ',';
    json_text::append_string(extra.rest, key);
    extra.rest.append(":").append(value);
  }
  return extra;
}

void append_options(std::string& out, const v1::Sampling& sampling, const std::string& extra) {
  std::string options;
  options += '{';
  if (sampling.has_temperature()) append_number_field(options, "temperature", sampling.temperature());
  if (sampling.has_top_p()) append_number_field(options, "top_p", sampling.top_p());
  if (sampling.has_top_k()) append_number_field(options, "top_k", int64_t{sampling.top_k()});
  if (sampling.has_seed()) append_number_field(options, "seed", int64_t{sampling.seed()});
  if (sampling.stop_size() > 0) append_text_list(options, "stop", sampling.stop());
  if (sampling.has_max_output_tokens())
    append_number_field(options, "num_predict", int64_t{sampling.max_output_tokens()});
  if (!extra.empty() && options.size() > 1) options += ',';
  options += extra;
  options += '}';
  if (options.size() > 2) append_raw_field(out, "options", options);
}

void append_think(std::string& out, const v1::Sampling& sampling) {
  const std::string& effort = sampling.reasoning_effort();
  if (effort == "none" || sampling.has_reasoning_budget_tokens()) return append_bool_field(out, "think", false);
  if (!effort.empty()) append_text_field(out, "think", effort);
}

void append_format(std::string& out, const std::string& response_format_json) {
  const auto format = read_response_format(response_format_json);
  if (!format.ok()) return;  // Invariant: as above.
  if (format->kind == ResponseFormat::Kind::kJsonObject) append_text_field(out, "format", "json");
  if (format->kind == ResponseFormat::Kind::kJsonSchema) append_raw_field(out, "format", format->schema_json);
}

}  // namespace

absl::Status check_ollama_options(const v1::Sampling& sampling) {
  simdjson::dom::parser parser;
  simdjson::dom::object extra, options;
  simdjson::dom::element value;
  const std::string& json = sampling.extra_body_json();
  if (json.empty() || parser.parse(json).get(extra) != simdjson::SUCCESS ||
      extra.at_key("options").get(value) != simdjson::SUCCESS)
    return absl::OkStatus();
  size_t said = 0;
  for (const auto field : extra) said += field.key == "options" ? 1 : 0;
  if (value.get(options) != simdjson::SUCCESS || said > 1)
    return field_error("extra_body.options", "expected one object");
  for (const auto field : options)
    if (std::find(kOwnOptions.begin(), kOwnOptions.end(), field.key) != kOwnOptions.end())
      return field_error("extra_body.options." + std::string(field.key),
                         "set by the request itself; use the job's own field for it");
  return absl::OkStatus();
}

std::string ollama_body(std::string_view model, const QueryView& query) {
  const v1::Sampling& sampling = query.sampling;
  const Extra extra = split_extra(sampling.extra_body_json());
  std::string out = "{";
  append_text_field(out, "model", model);
  append_ollama_messages(out, query.prompt);
  if (!query.prompt.tools_json().empty()) append_raw_field(out, "tools", query.prompt.tools_json());
  append_format(out, sampling.response_format_json());
  append_think(out, sampling);
  append_options(out, sampling, extra.options);
  if (sampling.has_top_logprobs()) append_bool_field(out, "logprobs", true);
  if (sampling.top_logprobs() > 0) append_number_field(out, "top_logprobs", int64_t{sampling.top_logprobs()});
  append_bool_field(out, "stream", query.stream);  // left out, it would mean true
  if (!extra.rest.empty()) out.append(",").append(extra.rest);
  out += '}';
  return out;
}

}  // namespace harvest::dialect

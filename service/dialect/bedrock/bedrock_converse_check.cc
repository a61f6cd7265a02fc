#include "service/dialect/bedrock/bedrock_converse_check.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/dialect/asked.h"
#include "service/dialect/bedrock/bedrock_credential.h"
#include "service/dialect/bedrock/bedrock_prompt_check.h"
#include "service/dialect/field_error.h"

namespace harvest::dialect {
namespace {

constexpr uint32_t kStopsMax = 2500;

constexpr std::array<std::string_view, 5> kEfforts{"low", "medium", "high", "xhigh", "max"};
constexpr std::array<std::string_view, 4> kTiers{"default", "priority", "flex", "reserved"};

// performanceConfig raises the price of a token; promptVariables bring in text that nobody has counted.
// A guardrail is charged for beside the tokens: no budget of ours would hold.
constexpr std::array<std::string_view, 10> kOwnKeys{
    "modelId",         "guardrailConfig", "messages",          "system",          "toolConfig",
    "inferenceConfig", "serviceTier",     "performanceConfig", "promptVariables", "stream"};

/// Under these names models take their own cap, or a number of answers.
constexpr std::array<std::string_view, 12> kCostlyFields{
    "max_tokens",        "maxTokens",     "max_new_tokens",       "max_gen_len",     "max_completion_tokens",
    "max_output_tokens", "maxTokenCount", "max_tokens_to_sample", "num_generations", "n",
    "numResults",        "service_tier"};

absl::Status check_format(const v1::Sampling& sampling) {
  const auto format = read_response_format(sampling.response_format_json());
  if (!format.ok()) return format.status();
  if (format->kind == ResponseFormat::Kind::kJsonSchema && !format->strict.value_or(true))
    return field_error("response_format.json_schema.strict", "found false, a schema is always held to here");
  return absl::OkStatus();
}

/// The model's own fields may not change the cost unseen. Some models nest theirs in an inferenceConfig of their own.
absl::Status check_costly(const simdjson::dom::object& fields, const std::string& place) {
  for (const auto field : fields) {
    const std::string_view key = field.key;
    if (std::find(kCostlyFields.begin(), kCostlyFields.end(), key) != kCostlyFields.end())
      return field_error(place + "." + std::string(key), "it would change what an answer costs");
    simdjson::dom::object inner;
    if (field.value.get(inner) != simdjson::SUCCESS) continue;
    const bool nests = key == "inferenceConfig" || key == "textGenerationConfig";
    if (!nests) continue;
    if (absl::Status status = check_costly(inner, place + "." + std::string(key)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status check_model_fields(const v1::Sampling& sampling) {
  constexpr char kKey[] = "additionalModelRequestFields";
  if (sampling.extra_body_json().empty()) return absl::OkStatus();
  simdjson::dom::parser parser;
  simdjson::dom::object extra;
  simdjson::dom::element fields;
  if (parser.parse(sampling.extra_body_json()).get(extra) != simdjson::SUCCESS ||
      extra.at_key(kKey).get(fields) != simdjson::SUCCESS)
    return absl::OkStatus();
  const std::string place = absl::StrCat("extra_body.", kKey);
  simdjson::dom::object object;
  if (fields.get(object) != simdjson::SUCCESS) return field_error(place, "expected an object");
  return check_costly(object, place);
}

/// A signature names a region; where a teacher's endpoints do not, it must.
absl::Status check_region(const v1::Teacher& teacher) {
  if (!teacher.region().empty()) return absl::OkStatus();
  std::vector<std::string> urls(teacher.endpoints().begin(), teacher.endpoints().end());
  if (!teacher.endpoint().empty()) urls.push_back(teacher.endpoint());
  for (const std::string_view url : urls) {
    const size_t scheme = url.find("://");
    std::string_view host = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
    host = host.substr(0, host.find('/'));
    if (bedrock_region(host).empty())
      return field_error("teacher.region", "expected one, " + std::string(host) + " does not tell it");
  }
  return absl::OkStatus();
}

}  // namespace

const Abilities& converse_abilities() {
  static const Abilities kAbilities{.dialect = kBedrockConverse,
                                    .temperature_max = 1,
                                    .stops_max = kStopsMax,
                                    .efforts = kEfforts,
                                    .service_tiers = kTiers,
                                    .json_schema = true,
                                    .images = true,
                                    .own_keys = kOwnKeys};
  return kAbilities;
}

absl::Status check_converse(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) {
  if (absl::Status status = check_query(converse_abilities(), prompt, sampling); !status.ok()) return status;
  for (absl::Status status :
       {check_region(teacher), check_converse_prompt(prompt), check_format(sampling), check_model_fields(sampling)})
    if (!status.ok()) return status;
  if (sampling.has_top_p() && (sampling.top_p() < 0 || sampling.top_p() > 1))
    return field_error("top_p", absl::StrCat("found ", sampling.top_p(), ", expected 0 to 1"));
  const std::array<SharedKey, 2> shared{
      {{"outputConfig", "reasoning_effort", !sampling.reasoning_effort().empty()},
       {"outputConfig", "response_format", !sampling.response_format_json().empty()}}};
  return check_said_once(shared, sampling);
}

}  // namespace harvest::dialect

#include "service/dialect/anthropic/anthropic_abilities.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "service/dialect/anthropic/anthropic_request.h"
#include "service/dialect/asked.h"
#include "service/dialect/field_error.h"
#include "service/dialect/turns.h"

namespace harvest::dialect {
namespace {

constexpr std::string_view kName = "anthropic-messages";
constexpr uint32_t kBudgetMin = 1024;
constexpr uint32_t kStopsMax = 1024;  // the vendor names no bound; this one is ours

constexpr std::array<std::string_view, 5> kEfforts{"low", "medium", "high", "xhigh", "max"};
constexpr std::array<std::string_view, 2> kTiers{"auto", "standard_only"};
constexpr std::array<std::string_view, 4> kImageTypes{"image/jpeg", "image/png", "image/gif", "image/webp"};

// cache_control, speed and inference_geo raise the price of a token; servers and containers let the vendor work, and
// bill, beyond one answer.
constexpr std::array<std::string_view, 16> kOwnKeys{"model",       "max_tokens",    "system",         "messages",
                                                    "temperature", "top_p",         "stop_sequences", "tools",
                                                    "tool_choice", "service_tier",  "stream",         "cache_control",
                                                    "speed",       "inference_geo", "mcp_servers",    "container"};

absl::Status check_images(const v1::Message& message, const std::string& place) {
  const auto parts = read_parts(message);
  if (!parts.ok()) return parts.status();
  for (const Part& part : *parts) {
    if (part.kind != Part::Kind::kImage) continue;
    if (!part.detail.empty() && part.detail != "auto")
      return field_error(
          place, absl::StrCat("found an image's detail ", part.detail, ", ", std::string(kName), " has no such field"));
    if (part.url.empty() && std::find(kImageTypes.begin(), kImageTypes.end(), part.media_type) == kImageTypes.end())
      return field_error(
          place, absl::StrCat("found ", part.media_type, ", expected image/jpeg, image/png, image/gif or image/webp"));
  }
  return absl::OkStatus();
}

absl::Status check_format(const std::string& response_format_json) {
  const auto format = read_response_format(response_format_json);
  if (!format.ok()) return format.status();
  if (format->kind != ResponseFormat::Kind::kJsonSchema) return absl::OkStatus();
  if (!format->description.empty())
    return field_error("response_format.json_schema.description",
                       absl::StrCat(std::string(kName), " has no such field"));
  if (!format->strict.value_or(true))
    return field_error("response_format.json_schema.strict", "found false, a schema is always held to here");
  return absl::OkStatus();
}

/// What does not go together with thinking is refused by every model that takes a budget.
absl::Status check_thinking(const v1::Teacher& teacher, const v1::Sampling& sampling, const ToolChoice& choice) {
  const uint32_t budget = sampling.reasoning_budget_tokens();
  if (budget == 0) return absl::OkStatus();
  if (budget < kBudgetMin)
    return field_error("reasoning_budget_tokens",
                       absl::StrCat("found ", budget, ", expected 0 or at least ", kBudgetMin));
  if (const uint32_t cap = anthropic_output_cap(teacher, sampling); budget >= cap)
    return field_error("reasoning_budget_tokens",
                       absl::StrCat("found ", budget, ", expected less than max_output_tokens, which is ", cap));
  if (sampling.has_temperature() && sampling.temperature() != 1)
    return field_error("temperature", "expected 1 beside reasoning_budget_tokens");
  if (sampling.has_top_k()) return field_error("top_k", "not to be given beside reasoning_budget_tokens");
  if (choice.mode == ToolChoice::Mode::kRequired || choice.mode == ToolChoice::Mode::kNamed)
    return field_error("tool_choice", "expected auto or none beside reasoning_budget_tokens");
  return absl::OkStatus();
}

absl::Status check_tools(const v1::Prompt& prompt, const ToolChoice& choice) {
  const auto tools = read_tools(prompt.tools_json());
  if (!tools.ok()) return tools.status();
  if (choice.mode != ToolChoice::Mode::kUnstated && tools->empty())
    return field_error("tool_choice", "given without tools");
  return absl::OkStatus();
}

}  // namespace

const Abilities& anthropic_abilities() {
  static const Abilities kAbilities{.dialect = kName,
                                    .temperature_max = 1,
                                    .top_k = true,
                                    .stops_max = kStopsMax,
                                    .efforts = kEfforts,
                                    .reasoning_budget = true,
                                    .service_tiers = kTiers,
                                    .parallel_tool_calls = true,
                                    .json_schema = true,
                                    .images = true,
                                    .own_keys = kOwnKeys};
  return kAbilities;
}

absl::Status check_anthropic(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) {
  if (absl::Status status = check_query(anthropic_abilities(), prompt, sampling); !status.ok()) return status;
  if (absl::Status status = check_turns(kName, prompt); !status.ok()) return status;
  for (int i = 0; i < prompt.messages_size(); ++i)
    if (absl::Status status = check_images(prompt.messages(i), absl::StrCat("messages[", i, "].content")); !status.ok())
      return status;
  const auto choice = read_tool_choice(prompt.tool_choice_json());
  if (!choice.ok()) return choice.status();
  for (absl::Status status : {check_tools(prompt, *choice), check_thinking(teacher, sampling, *choice),
                              check_format(sampling.response_format_json())})
    if (!status.ok()) return status;
  if (sampling.has_top_p() && (sampling.top_p() < 0 || sampling.top_p() > 1))
    return field_error("top_p", absl::StrCat("found ", sampling.top_p(), ", expected 0 to 1"));
  const std::array<SharedKey, 3> shared{
      {{"thinking", "reasoning_budget_tokens", sampling.has_reasoning_budget_tokens()},
       {"output_config", "reasoning_effort", !sampling.reasoning_effort().empty()},
       {"output_config", "response_format", !sampling.response_format_json().empty()}}};
  return check_said_once(shared, sampling);
}

}  // namespace harvest::dialect

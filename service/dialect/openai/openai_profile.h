#pragma once

#include <span>
#include <string_view>

#include "harvest/v1/teacher.pb.h"
#include "service/dialect/abilities.h"
#include "service/dialect/limit_headers.h"

namespace harvest::dialect {

/// In what one server of the OpenAI family deviates, on the way to it. (On the way back all are read alike,
/// tolerantly.)
struct OpenAiProfile {
  std::string_view name;
  Abilities abilities;
  /// The field that caps an answer. A cap that the server silently ignores would break a budget.
  std::string_view cap_field = "max_completion_tokens";
  std::string_view seed_field = "seed";
  enum class Reasoning : uint8_t {
    kEffort,      ///< reasoning_effort; a budget as thinking_token_budget where the profile is able to
    kObject,      ///< OpenRouter: reasoning: {effort | max_tokens}
    kThinkingToo  ///< DeepSeek: thinking: {type} beside the effort. It thinks unless told not to
  } reasoning = Reasoning::kEffort;
  bool logprobs_is_count = false;  ///< Together: `logprobs: k`, no top_logprobs
  LimitUnits limit_units;          ///< by what its limit headers count
  bool stream_usage = true;        ///< stream_options asks for usage; else it comes by itself
};

/// OpenAI's own words for reasoning_effort and service_tier.
std::span<const std::string_view> openai_efforts();
std::span<const std::string_view> openai_tiers();

/// What all of the family are able to; each profile deviates from it.
const Abilities& openai_family();

/// All that a teacher may name, the default (`compatible`: any server that speaks it) first.
std::span<const OpenAiProfile> openai_profiles();

/// The one of this name, or null.
const OpenAiProfile* find_openai_profile(std::string_view name);

/// The teacher's: as it names it, else by its `vendor`, else by its first endpoint's host where that is known, else
/// `compatible`.
const OpenAiProfile& openai_profile(const v1::Teacher& teacher);

}  // namespace harvest::dialect

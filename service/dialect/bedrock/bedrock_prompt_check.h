#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "harvest/v1/query.pb.h"

namespace harvest::dialect {

/// The dialect's name, as errors say it.
inline constexpr std::string_view kBedrockConverse = "bedrock-converse";

/// INVALID_ARGUMENT names what of a prompt Converse cannot be told. The prompt has passed check_query().
absl::Status check_converse_prompt(const v1::Prompt& prompt);

}  // namespace harvest::dialect

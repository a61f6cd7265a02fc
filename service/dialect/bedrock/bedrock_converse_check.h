#pragma once

#include "absl/status/status.h"
#include "harvest/v1/query.pb.h"
#include "harvest/v1/teacher.pb.h"
#include "service/dialect/abilities.h"

/// What bedrock-converse may be asked.
namespace harvest::dialect {

const Abilities& converse_abilities();

/// INVALID_ARGUMENT names the field that cannot be said.
absl::Status check_converse(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling);

}  // namespace harvest::dialect

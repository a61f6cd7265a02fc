#pragma once

#include "absl/status/status.h"
#include "harvest/v1/query.pb.h"
#include "harvest/v1/teacher.pb.h"
#include "service/dialect/abilities.h"

namespace harvest::dialect {

const Abilities& anthropic_abilities();

/// Dialect::check() of anthropic-messages: its abilities, its turns, and what does not go together. Which models take
/// no sampling, no budget or no prefill is left to the vendor: the list changes with every model.
absl::Status check_anthropic(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling);

}  // namespace harvest::dialect

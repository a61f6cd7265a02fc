#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace harvest::dialect {

/// Is this text a JSON schema, as the meta-schema (draft 7) says what one is? What later drafts added passes: vendors
/// take subsets of their own. INVALID_ARGUMENT names the place in it, beginning with `field`.
///
/// The texts of one job are few and its prompts are many: what was found sound is remembered by its hash, up to a
/// bound. Any thread.
absl::Status check_json_schema(std::string_view field, std::string_view schema_json);

}  // namespace harvest::dialect

#pragma once

#include <cstdint>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace harvest::store {

/// Cuts a serialized PromptBlock into blocks small enough to be read for one prompt, without parsing a prompt: the
/// bytes of each entry are skipped over, and neighbouring entries stay neighbours.
///
/// `count`: how many prompts it must hold. The first `skip` are left out. `each(index in the block, prompts, bytes)`.
/// INVALID_ARGUMENT: the bytes are no PromptBlock, or of another count; `each` may then have been called already.
absl::Status cut_prompt_block(std::string_view block, uint64_t count, uint64_t skip,
                              absl::FunctionRef<void(uint64_t first, uint64_t count, std::string_view bytes)> each);

}  // namespace harvest::store

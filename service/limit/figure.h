#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "harvest/v1/teacher.pb.h"

namespace harvest::limit {

/// A figure of v1::Limits as limits reckon with it: none where it is not stated, and no more than sums of some can
/// hold.
inline std::optional<int64_t> figure(bool stated, uint64_t value) {
  constexpr uint64_t kMax = uint64_t{1} << 62;
  if (!stated) return std::nullopt;
  return static_cast<int64_t>(std::min(value, kMax));
}

/// Is the teacher's limit on tokens one of input and output together? One that is stated apart is taken at its word.
inline bool tokens_are_joint(const v1::Limits& limits) {
  const bool apart = limits.has_input_tokens_per_minute() || limits.has_output_tokens_per_minute();
  return limits.has_tokens_per_minute() || (limits.tokens_are_joint() && !apart);
}

}  // namespace harvest::limit

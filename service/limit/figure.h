#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace harvest::limit {

/// A figure of v1::Limits as limits reckon with it: none where it is not stated, and no more than sums of some can
/// hold.
inline std::optional<int64_t> figure(bool stated, uint64_t value) {
  constexpr uint64_t kMax = uint64_t{1} << 62;
  if (!stated) return std::nullopt;
  return static_cast<int64_t>(std::min(value, kMax));
}

}  // namespace harvest::limit

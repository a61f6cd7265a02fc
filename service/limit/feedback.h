#pragma once

#include <cstdint>
#include <optional>

#include "service/limit/demand.h"

namespace harvest::limit {

/// What an attempt's end says about the limits.
struct Feedback {
  bool throttled = false;
  std::optional<Instant> retry_after;  ///< the vendor's floor, relative
  /// Rate-limit headers, where sent: what is left of a dimension and how long until it is full again.
  struct Window {
    std::optional<int64_t> limit, remaining;
    std::optional<Instant> reset_in;
  };
  Window requests, input_tokens, output_tokens;
};

}  // namespace harvest::limit

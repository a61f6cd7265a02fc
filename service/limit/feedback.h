#pragma once

#include <cstdint>
#include <optional>

#include "service/limit/demand.h"

namespace harvest::limit {

/// Vendors refuse at once, however long their answers take: what has been gone for so long was admitted.
inline constexpr Instant kAdmittedAfter = std::chrono::seconds(1);

/// What an attempt's end says about the limits.
struct Feedback {
  bool throttled = false;
  std::optional<Dimension> refused_by;  ///< the limit that a 429 names, where it names one
  bool overloaded = false;              ///< too much for the vendor, whatever our limits: the rate is cut as well
  bool slow_down = false;              ///< ...and we caused it, by growing too fast: no growth for a quarter of an hour
  std::optional<Instant> retry_after;  ///< the vendor's floor, relative
  /// The permit's taken_at: a 429 of an attempt sent before the last cut says nothing new. Where it is not told, a 429
  /// that comes while everything holds is taken for such an echo.
  std::optional<Instant> sent_at;
  int64_t in_flight = 0;  ///< the permit's: at its sending, itself included; 0: not told
  /// Rate-limit headers, where sent: what is left of a dimension and how long until it is full again.
  struct Window {
    std::optional<int64_t> limit, remaining;
    std::optional<Instant> reset_in;
  };
  Window requests, input_tokens, output_tokens;
  /// Of an attempt that was answered: how long it took.
  struct Answer {
    std::optional<Instant> first_token;  ///< since it was sent; none: it was not streamed
    Instant duration{};
    int64_t output_tokens = 0;
  };
  std::optional<Answer> answer;
};

}  // namespace harvest::limit

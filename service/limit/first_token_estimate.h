#pragma once

#include <cstdint>
#include <optional>

#include "service/limit/demand.h"

namespace harvest::limit {

/// What the time to first token would have been of answers that were not streamed: their duration less what their
/// tokens took. The pace is the slope of a running line through (output tokens, duration), of least squares; answers
/// weigh less the longer they are, since the error of the pace counts once per token:
///
///     weight = 1 / (1 + (tokens / 50)^2), halved with each 140 answers that follow
///
/// The offset is not exact, yet what a queue adds to all of them is seen. Where prompts are long and the pace changes
/// with every prompt that somebody else sends, it is seen poorly. Pure; owned by the Limiter.
class FirstTokenEstimate {
 public:
  /// The average of the last some ten answers; none until 20 are known. May be negative by the error of the
  /// pace; where all answers are of one length it is the whole duration, which serves as well: only changes matter.
  std::optional<Instant> learn(Instant duration, int64_t output_tokens);

 private:
  int64_t answers_ = 0;
  double weight_ = 0;                        ///< of all that is remembered
  double tokens_ = 0, duration_ns_ = 0;      ///< means
  double tokens_squared_ = 0, product_ = 0;  ///< sums of squares and products about the means
  double rest_ns_ = 0, rest_weight_ = 0;
};

}  // namespace harvest::limit

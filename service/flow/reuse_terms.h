#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "harvest/v1/answer.pb.h"

namespace harvest::flow {

/// What a job asks of an answer that is there already, beside its rights.
struct ReuseTerms {
  int64_t created_at_us = 0;  ///< of the job
  int64_t max_age_us = INT64_MAX;
  bool any_cap = false;  ///< also one that was asked for under a smaller cap (truncated_retry.h)
};

/// OUT_OF_RANGE says what is wrong with it for a query of this cap.
inline absl::Status may_serve(const v1::Answer& answer, int64_t output_tokens_max, const ReuseTerms& terms,
                              int64_t utc_us) {
  if (answer.max_output_tokens() < output_tokens_max && !terms.any_cap)
    return absl::OutOfRangeError("asked under a smaller cap");
  // What came since the job began is as new as what the job itself would ask, however long it runs.
  if (utc_us - answer.completed_at_us() > terms.max_age_us && answer.completed_at_us() < terms.created_at_us)
    return absl::OutOfRangeError("too old");
  return absl::OkStatus();
}

}  // namespace harvest::flow

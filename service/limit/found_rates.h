#pragma once

#include <array>
#include <cstdint>

namespace harvest::limit {

/// Rates that were found, per minute, and what else of limits is kept across restarts; what is not known is 0.
struct FoundRates {
  int64_t requests = 0;
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
  bool short_windows = false;  ///< of a second, or a bucket
  /// The largest amounts taken at once of late, where they are a large part of a limit: so much may weigh at a crash
  /// beyond what pacing would have sent.
  int64_t largest_input_tokens = 0;
  int64_t largest_output_tokens = 0;
  int64_t in_flight = 0;         ///< so many at once
  int64_t backoff_permille = 0;  ///< of stated limits this share is used since 429s said so; 0: all of them
  /// Of rates that somebody states, what was found out beside.
  struct Stated {
    int64_t window_seconds = 0;   ///< it is enforced in shorter windows than stated; 0: as stated
    int64_t told_per_minute = 0;  ///< by headers, where the configuration states nothing
    int64_t of_per_minute = 0;    ///< the limit that window_seconds is of: of another one it says nothing
  };
  std::array<Stated, 3> stated;  ///< requests, input tokens, output tokens
};

}  // namespace harvest::limit

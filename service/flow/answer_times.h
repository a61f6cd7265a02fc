#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "service/limit/token_histogram.h"

namespace harvest::flow {

/// How long a teacher's answers take, by the size of what was asked: what is slow for a short prompt is not for a long
/// one. Pure; decision lane.
class AnswerTimes {
 public:
  /// An answer of the whole came after this time. `input_tokens`: reserved for it.
  void add(int64_t input_tokens, std::chrono::nanoseconds took);
  /// 99 of 100 such answers were there by then. None: fewer than 100 of that size were seen.
  std::optional<std::chrono::nanoseconds> slow(int64_t input_tokens) const;

 private:
  static constexpr size_t kSizes = 24;  ///< powers of two; the last one holds whatever is larger
  static size_t size_of(int64_t input_tokens);

  std::array<limit::TokenHistogram, kSizes> milliseconds_;
};

}  // namespace harvest::flow

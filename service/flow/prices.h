#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "harvest/v1/answer.pb.h"
#include "harvest/v1/teacher.pb.h"

namespace harvest::flow {

/// What a teacher's tokens cost, in picodollars per token (1 USD per million tokens = 1,000,000 picodollars per token).
struct TokenPrices {
  int64_t input = 0;
  int64_t cached_input = 0;
  int64_t output = 0;

  /// INVALID_ARGUMENT where the teacher has no prices: an unknown price is not zero.
  static absl::StatusOr<TokenPrices> of(const v1::Teacher& teacher);

  /// What an answer costs: (input - cached) × input + cached × cached input + output × output; output includes
  /// reasoning.
  int64_t cost(const v1::Usage& usage) const;
  /// The bound that is reserved before sending.
  int64_t cost_max(int64_t input_tokens_max, int64_t output_tokens_max) const {
    return input_tokens_max * (input > cached_input ? input : cached_input) + output_tokens_max * output;
  }
};

}  // namespace harvest::flow

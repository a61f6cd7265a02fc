#pragma once

#include <algorithm>
#include <cstdint>

namespace harvest::flow {

/// How many input tokens a prompt will take, learned from what the teacher reported: the running ratio of reported
/// tokens to the byte bound. An estimate for pacing only; money is bounded by bytes. Pure; owned by the decision lane.
class TokenEstimate {
 public:
  int64_t input_tokens(int64_t input_tokens_max) const {
    return std::max<int64_t>(1, static_cast<int64_t>(ratio_ * static_cast<double>(input_tokens_max)) + 1);
  }
  void learn(int64_t input_tokens_max, int64_t reported) {
    if (input_tokens_max <= 0 || reported <= 0) return;
    double seen = std::min(1.0, static_cast<double>(reported) / static_cast<double>(input_tokens_max));
    ratio_ += (seen - ratio_) * kShare;
  }

 private:
  static constexpr double kShare = 0.05;  // follows a change of prompts within some tens of answers
  double ratio_ = 0.35;                   // English text has about one token in four bytes; begin on the safe side
};

}  // namespace harvest::flow

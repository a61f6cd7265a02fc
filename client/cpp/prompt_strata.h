#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "harvest/v1/control.pb.h"

namespace harvest::client {

/// Prompts sorted by size (powers of two of their bytes), with a random sample of each size: what a job is planned
/// from. The same prompts in the same order give the same sample. Memory is bounded by the samples, whatever the job's
/// size: some MB a size at most.
///
/// One owner, one thread.
class PromptStrata {
 public:
  static constexpr uint32_t kOfStratumMin = 2;  ///< below, nothing is known of how much prompts differ

  /// `sample`: prompts to be drawn in all; at least two of each size are, where there are two.
  explicit PromptStrata(uint32_t sample) : sample_(sample) {}

  void add(const v1::Prompt& prompt);

  uint64_t prompts() const { return prompts_; }
  /// Sizes of few prompts are joined with a neighbour. Each is sampled by its share of prompts and of bytes, whose mean
  /// tells how much it matters to both kinds of tokens.
  std::vector<v1::PlanJobRequest::Stratum> strata() const;

 private:
  struct Size {
    uint64_t prompts = 0;
    uint64_t bytes = 0;
    std::vector<v1::Prompt> drawn;  ///< a uniform sample, in random order
  };
  std::vector<Size> joined() const;

  const uint32_t sample_;
  uint64_t prompts_ = 0, bytes_ = 0;
  std::array<Size, 40> sizes_;  // by the bits of their bytes
  std::mt19937_64 random_{20261127};
};

}  // namespace harvest::client

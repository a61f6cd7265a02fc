#pragma once

#include <cstdint>
#include <string>

#include "service/dialect/outcome.h"

namespace harvest::flow {

/// Rejections of a teacher that come one after another in the same words, with no answer between: not these prompts are
/// wrong but what is the same in all of them, the configuration or the job. Then the rest is not asked, one by one, to
/// the same end.
class AlikeRejections {
 public:
  static constexpr uint32_t kMax = 20;

  /// Hears of an attempt's outcome; true where the teacher is to be halted.
  bool note(const dialect::Outcome& outcome) {
    if (outcome.has_answer()) count_ = 0;
    if (outcome.kind != v1::REJECTED) return false;  // faults and limits say nothing of what was asked
    std::string words = essence(outcome);
    if (count_ == 0 || words != words_) count_ = 0;
    words_ = std::move(words);
    if (++count_ < kMax) return false;
    count_ = 0;
    return true;
  }

 private:
  /// Words that name a prompt's own figures (its length, its index) are alike all the same.
  static std::string essence(const dialect::Outcome& outcome) {
    std::string words = outcome.vendor_code + ": ";
    for (const char c : outcome.message)
      if (c < '0' || c > '9') words += c;
    return words;
  }

  std::string words_;
  uint32_t count_ = 0;
};

}  // namespace harvest::flow

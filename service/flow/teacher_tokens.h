#pragma once

#include <cstdint>

#include "harvest/v1/teacher.pb.h"
#include "service/dialect/outcome.h"
#include "service/flow/ready.h"
#include "service/limit/token_book.h"
#include "service/limit/token_histogram.h"

namespace harvest::flow {

/// How many tokens a teacher's prompts and answers take, as learned from its answers: what is reserved of its limits,
/// and what people are told. Pure; decision lane.
class TeacherTokens {
 public:
  void learn(const Candidate& candidate, const dialect::Outcome& outcome);
  /// Input that an attempt is paced for; money is bounded by bytes.
  int64_t input_tokens(const Candidate& candidate) const;
  /// Output that an attempt is paced for where the vendor counts what is generated, not the cap. The cap at most, and
  /// while too few answers are known.
  int64_t output_tokens(const Candidate& candidate) const;
  v1::TokenFigures figures() const;
  /// What is kept for the next run (token_book.h).
  void expect_input(int64_t tokens_per_kib) { book_.expect_input(tokens_per_kib); }
  int64_t input_tokens_per_kib() const { return book_.input_tokens_per_kib(); }

 private:
  limit::TokenBook book_;
  limit::TokenHistogram inputs_;  ///< of its prompts, for people
};

}  // namespace harvest::flow

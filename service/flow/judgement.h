#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "service/dialect/dialect.h"
#include "service/flow/query_run.h"
#include "service/flow/retry_policy.h"
#include "service/quality/answer_traits.h"
#include "storage/store/change.h"

namespace harvest::flow {

/// What becomes of a query after an attempt: the retry policy's decision, and what it costs.
struct Judgement {
  Decision decision;
  int64_t utc_us = 0;
  int64_t due_at_us = 0;  ///< of another try
  /// FALLBACK: the teacher that is asked next, where this one gave no answer.
  std::string next_teacher;
  bool attempt_counts = true;  ///< uses up one of the query's attempts
  store::Charge charge;
  std::vector<std::string> record_ids;  ///< of the pairs, as many queries as the answer settles; the rest wait again
  std::vector<quality::AnswerTraits> traits;  ///< of what each of these pairs holds
  bool goes_on = false;                       ///< its conversation has a next turn, which is asked
  uint32_t teacher_epoch = 0;                 ///< that the answer bears

  bool answered() const { return decision.verb == Decision::Verb::kAccept; }
  bool again() const { return !answered() && (decision.verb != Decision::Verb::kGiveUp || !next_teacher.empty()); }

  /// The one change that brings the query to rest. Takes the exchange's body and the run's intent.
  store::Change change(QueryRun& run, dialect::HttpExchange exchange, const dialect::Outcome& outcome) const;

 private:
  void label(store::Settle& settle) const;
};

}  // namespace harvest::flow

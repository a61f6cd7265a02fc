#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/teachersim/batches/batch_clerk.h"

namespace teachersim {

/// Everything about batches behind one counter: the vendors' clerks, the batches, the files. Owned by the Teacher, told
/// the time, single thread.
class BatchDesk {
 public:
  /// What it refers to outlives it; `ledger` may be null.
  BatchDesk(const BatchPlan& plan, const AnswerShape& shape, const Prices& prices,
            const std::vector<std::unique_ptr<Dialect>>& dialects, const std::string& run, Ledger* ledger,
            Stats& stats);

  /// The clerk for a call; null when it is about no batch. Cheap: every call passes here.
  BatchClerk* clerk_for(std::string_view method, std::string_view path) const;
  Reply serve(BatchClerk& clerk, const Call& call, const Moment& now);
  void advance(const Moment& now) { batches_.advance(now); }
  /// When advance() has something to end; Time::max() when never.
  limits::Time next_end() const { return batches_.next_end(); }

 private:
  LineWorker worker_;
  Batches batches_;
  Files files_;
  std::vector<std::unique_ptr<BatchClerk>> clerks_;
};

}  // namespace teachersim

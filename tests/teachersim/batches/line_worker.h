#pragma once

#include <string>
#include <unordered_map>

#include "tests/teachersim/batches/batch.h"
#include "tests/teachersim/bill.h"
#include "tests/teachersim/ledger.h"
#include "tests/teachersim/stats.h"

namespace teachersim {

/// Answers the lines of batches and keeps the books about them: one "received" line in the ledger for each, and one of
/// what became of it. What a line says is what the same call would get online, at a lower price.
class LineWorker {
 public:
  /// `ledger` may be null. `run` makes ids unique across runs.
  LineWorker(const AnswerShape& shape, const Prices& prices, const BatchPlan& plan, std::string run, Ledger* ledger,
             Stats& stats)
      : shape_(shape), prices_(prices), plan_(plan), run_(std::move(run)), ledger_(ledger), stats_(stats) {}

  /// A batch and its lines come in.
  void receive(Batch& batch, const Moment& now);
  /// Answers a waiting line, or fails it: a marker of its prompt, the rate of failed lines, its own mistake.
  void work(const Batch& batch, BatchLine& line, const Moment& now);
  /// A line that is never worked on.
  void drop(const Batch& batch, BatchLine& line, BatchLine::State state, const Moment& now);
  /// True for `share` of all draws, the same ones in every run.
  bool falls(double share);

 private:
  std::optional<Trouble> trouble_of(const BatchLine& line, bool& refuse, std::string& refusal_code);

  const AnswerShape& shape_;
  const Prices& prices_;
  const BatchPlan& plan_;
  const std::string run_;
  Ledger* const ledger_;
  Stats& stats_;
  std::uint64_t drawn_ = 0;
  /// How often each question with a marker for so many times was worked on.
  std::unordered_map<std::uint64_t, int> marked_;
};

}  // namespace teachersim

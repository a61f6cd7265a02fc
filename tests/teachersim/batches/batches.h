#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/teachersim/batches/batch.h"
#include "tests/teachersim/batches/line_worker.h"

namespace teachersim {

/// All batches of the account. Time makes them progress: advance() works on as many lines as should be done by now, so
/// a batch that nobody asks for ends (and is billed) as soon as somebody calls after its time.
class Batches {
 public:
  Batches(const BatchPlan& plan, LineWorker& worker, std::string run)
      : plan_(plan), worker_(worker), run_(std::move(run)) {}

  /// Would these lines be more than may be waiting?
  bool is_full_for(const Batch& draft) const;
  /// Takes a batch in and names it; one with a failure ends at once.
  Batch& add(Batch draft, std::string_view id_prefix, const Moment& now);
  void advance(const Moment& now);
  void cancel(Batch& batch, const Moment& now);
  /// Forgets a batch; one that is running is cancelled first.
  void remove(Batch& batch, const Moment& now);

  /// Null when there is none of this id behind this door.
  Batch* find(std::string_view door, std::string_view id);
  /// Those of a door, the newest first; up to `limit` of those older than `after` (empty: from the newest).
  std::vector<const Batch*> list(std::string_view door, std::string_view after, std::size_t limit) const;
  /// When the next batch ends; Time::max() when none is running.
  limits::Time next_end() const;
  /// Called once for each batch that has ended, whichever way.
  void on_end(std::function<void(Batch&, const Moment&)> call) { on_end_ = std::move(call); }

 private:
  void work_until(Batch& batch, std::size_t until, const Moment& now);
  void end(Batch& batch, Batch::State state, const Moment& now);

  const BatchPlan& plan_;
  LineWorker& worker_;
  const std::string run_;
  std::vector<std::unique_ptr<Batch>> batches_;  // oldest first
  std::function<void(Batch&, const Moment&)> on_end_;
  std::int64_t made_ = 0;
};

}  // namespace teachersim

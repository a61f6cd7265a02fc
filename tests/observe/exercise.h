#pragma once

#include <string>

#include "service/observe/metrics.h"

namespace harvest::observe {

/// Uses every verb of Metrics with every known label value, as the busiest deployment would: so many teachers, spread
/// over so many models, and as many live jobs as there may be.
inline void exercise(Metrics& metrics, int teachers, int models, int jobs) {
  for (int t = 0; t < teachers; ++t) {
    TeacherMetrics& teacher =
        metrics.teacher("teacher-" + std::to_string(t), "model-" + std::to_string(t % models), "vendor");
    for (const Name kind : kAttemptKinds) teacher.attempt(kind);
    for (const Name outcome : kOutcomes) teacher.outcome(outcome);
    for (const int status : {0, 101, 200, 404, 429, 500}) teacher.response(status);
    for (const Name dimension : {"requests", "input_tokens", "output_tokens", "requests_per_day", "concurrency"}) {
      teacher.throttled(dimension);
      teacher.limit_utilization(dimension, 0.5);
      teacher.waited(dimension, 1);
    }
    for (const Name cause : {"teacher_budget", "job_budget", "backoff", "breaker", "learning", "teacher", "disk"})
      teacher.waited(cause, 1);
    for (const Name trait : kAnswerTraits) teacher.answer(trait);
    for (const Name cause : kEpochCauses) teacher.epoch(cause);
    teacher.ambiguous();
    teacher.usage(100, 200);
    teacher.duration(1.5);
    teacher.first_chunk(0.3);
    teacher.output_chunk(0.05);
    teacher.spend(0.001);
    teacher.at_risk(0.001);
    teacher.limit_effective(1);
    teacher.in_flight(10);
    teacher.concurrency_limit(64);
    teacher.breaker(false);
    teacher.halted(false);
  }
  metrics.pairs_committed(10);
  metrics.commit_duration(0.004);
  for (const Name op : kStoreOperations) metrics.store_error(op);
  for (const Name state : kQueueStates) metrics.queue(state, 5);
  for (const Name outcome : kShardOutcomes) metrics.shard(outcome);
  metrics.free_bytes(1e9);
  metrics.oldest_ready_age(3);
  metrics.halted(false);
  for (int j = 0; j < jobs; ++j) {
    metrics.job("j_" + std::to_string(j),
                {.remaining = 5,
                 .eta_seconds = 60,
                 .pairs = 7,
                 .spend_usd = 0.5,
                 .budget_usd = 1.0,
                 .waits = {{"requests", 5}, {"fairness", 9}, {"teacher", 3}, {"store", 1}, {"disk", 0.5}}});
  }
}

}  // namespace harvest::observe

#include "storage/store/booking.h"
#include "storage/store/changes.h"

namespace harvest::store {

absl::Status apply(Group& group, const DecideSample& change, Applied& applied) {
  const v1::JobRecord* job = group.state().jobs.find(change.job);
  if (job == nullptr) return absl::NotFoundError("a sample is decided of a job that is not there");
  applied.number = change.job;
  const Place from{.job = change.job, .stream = change.stream, .ordinal = change.ordinal, .due_at_us = kUndecided};
  auto row = group.find_postponed(from);
  if (!row.ok()) return row.status();
  if (!*row || (*row)->turn() != change.sample) return absl::OkStatus();
  group.remove_postponed(from);
  applied.count = 1;
  if (change.ask) {
    (*row)->set_due_at_us(change.at_us);
    group.put_postponed(change.job, change.stream, **row);
    return absl::OkStatus();
  }
  applied.turns = job->job().samples() - change.sample;
  count_unasked(group, change.job, static_cast<uint32_t>(applied.turns), change.at_us);
  return absl::OkStatus();
}

}  // namespace harvest::store

#include <algorithm>
#include <cassert>

#include "absl/strings/str_cat.h"
#include "storage/store/booking.h"
#include "storage/store/changes.h"

namespace harvest::store {

absl::Status apply(Group& group, const SetJobState& change, Applied& applied) {
  State& state = group.state();
  const v1::JobRecord* stored = state.jobs.find(change.job);
  if (stored == nullptr) return absl::NotFoundError(absl::StrCat("there is no job number ", change.job));
  applied.number = change.job;
  if (change.state != v1::RUNNING && change.state != v1::PAUSED && change.state != v1::CANCELLED) {
    return absl::InvalidArgumentError(
        absl::StrCat("a job is set running, paused or cancelled, not ", v1::JobState_Name(change.state)));
  }
  if (stored->state() == v1::DRAFT || stored->state() == v1::FINISHED) {
    return absl::FailedPreconditionError(absl::StrCat("job ", stored->id(), " is ", v1::JobState_Name(stored->state()),
                                                      ": it cannot become ", v1::JobState_Name(change.state)));
  }
  v1::JobRecord& job = *state.jobs.edit(change.job);
  v1::JobCounters& tally = *state.tallies.edit(change.job);
  group.must_sync();
  job.set_state(change.state);
  job.set_reason(change.reason);
  const bool all_ended = ended(tally) == tally.queries();
  if (change.state == v1::CANCELLED) {
    tally.set_cancelled(tally.queries() - ended(tally));
    job.set_finished_at_us(change.at_us);
    return absl::OkStatus();
  }
  // Taken back from cancelled: what had not ended waits again.
  tally.set_cancelled(0);
  job.clear_finished_at_us();
  if (all_ended) {
    job.set_state(v1::FINISHED);
    job.clear_reason();
    job.set_finished_at_us(change.at_us);
  }
  return absl::OkStatus();
}

absl::Status apply(Group& group, const SetJobSpec& change, Applied& applied) {
  State& state = group.state();
  const v1::JobRecord* stored = state.jobs.find(change.job);
  if (stored == nullptr) return absl::NotFoundError(absl::StrCat("there is no job number ", change.job));
  applied.number = change.job;
  const v1::Job& old = stored->job();
  const v1::Job& next = change.spec;
  // Ordinals count prompts x samples per stream: their meaning is fixed with the commit.
  const bool same_queries =
      old.samples() == next.samples() && old.until() == next.until() && old.ask() == next.ask() &&
      old.dataset() == next.dataset() &&
      std::equal(old.teachers().begin(), old.teachers().end(), next.teachers().begin(), next.teachers().end());
  if (stored->state() != v1::DRAFT && !same_queries) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", stored->id(), " is committed: its teachers, samples, until, ask and dataset are fixed"));
  }
  *state.jobs.edit(change.job)->mutable_job() = next;
  group.must_sync();
  return absl::OkStatus();
}

absl::Status apply(Group& group, const PutPlan& change, Applied& applied) {
  (void)applied;
  Table<PlanKey, v1::Plan>& plans = group.state().plans;
  plans.edit_or_create(change.key) = change.plan;
  size_t kept = 0;
  const PlanKey* oldest = nullptr;
  int64_t made_at_us = 0;
  plans.each([&](const PlanKey& key, const v1::Plan& plan) {
    ++kept;
    if (key == change.key || (oldest != nullptr && plan.made_at_us() >= made_at_us)) return;
    oldest = &key;
    made_at_us = plan.made_at_us();
  });
  if (kept > kPlansKept) plans.erase(*oldest);
  group.must_sync();
  return absl::OkStatus();
}

absl::Status apply(Group& group, const PutWaits& change, Applied& applied) {
  State& state = group.state();
  if (state.jobs.find(change.job) == nullptr)
    return absl::NotFoundError(absl::StrCat("there is no job number ", change.job));
  applied.number = change.job;
  state.waits.edit_or_create(change.job) = change.waits;
  return absl::OkStatus();
}

}  // namespace harvest::store

// Every second has a cause: what the harvester's jobs and teachers wait for, counted at each tick.
#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "service/flow/harvester.h"
#include "service/observe/log.h"

namespace harvest::flow {

using std::chrono::nanoseconds;

/// The time since the last tick goes to what is waited for now: right on average, and a quarter second is short against
/// every wait that matters.
void Harvester::count_waits() {
  const limit::Instant since = std::exchange(waits_counted_at_, now());
  const nanoseconds tick = since == limit::Instant{} ? nanoseconds::zero() : now() - since;
  struct Asking {
    std::vector<JobDesk*> desks;
    std::vector<nanoseconds> passed;
    std::vector<JobNow> jobs;
  };
  std::vector<Asking> asking(teachers_.size());
  std::vector<uint32_t> backlogs(accounts_.size());  // jobs among whom an account's limits are divided
  for (auto& [number, desk] : jobs_->desks()) {
    const nanoseconds passed = desk->waits.advance(now());
    if (desk->cancelled) continue;
    if (desk->paused) {
      desk->waits.add("", {desk->paused_for}, passed);
      continue;
    }
    std::set<uint32_t> at_accounts;
    for (const JobSpec::AskedTeacher& asked : desk->spec->teachers) {
      Asking& at = asking[asked.index];
      at.desks.push_back(desk.get());
      at.passed.push_back(passed);
      at.jobs.push_back(stands(*desk, asked));
      if (has_backlog(at.jobs.back())) at_accounts.insert(asked.account);
    }
    for (const uint32_t account : at_accounts) ++backlogs[account];
  }
  for (uint32_t i = 0; i < teachers_.size(); ++i) {
    TeacherDesk& teacher = *teachers_[i];
    const Asking& at = asking[i];
    const WaitsAt waits = waits_at({.disk_full = disk_low_ || store_stalled_,
                                    .service_halted = halted_ || draining_,
                                    .halted = teacher.halted,
                                    .paused = teacher.paused,
                                    .binding = teacher.binding,
                                    .backlogs = backlogs[account_of_[i]]},
                                   at.jobs);
    if (!waits.teacher.empty()) teacher.metrics.waited(waits.teacher, std::chrono::duration<double>(tick).count());
    for (size_t job = 0; job < at.jobs.size(); ++job)
      at.desks[job]->waits.add(teacher.config().name(), waits.jobs[job], at.passed[job]);
  }
  // What a pause lasts is told by the job's state: it is noted when it ends.
  for (auto& [number, desk] : jobs_->desks())
    if (!desk->paused && desk->waits.due(now())) note_waits(*desk);
}

/// All of it that could be asked is answered, and what is left waits to be decided.
bool Harvester::waits_for_labels(const JobDesk& desk) const {
  if (desk.spec->samples_until == 0 || desk.in_flight > 0 || desk.remaining == 0) return false;
  return std::all_of(desk.windows.begin(), desk.windows.end(), [&](const StreamWindow& window) {
    const bool idle =
        window.leaving == 0 && !window.reading && !window.stale && window.exhausted(*desk.spec, INT64_MAX);
    const std::vector<schedule::StreamKey> keys = desk.queue_keys(window.stream);
    return idle &&
           std::all_of(keys.begin(), keys.end(), [&](schedule::StreamKey key) { return queue_.size(key) == 0; });
  });
}

JobNow Harvester::stands(const JobDesk& desk, const JobSpec::AskedTeacher& asked) const {
  const JobSpec& spec = *desk.spec;
  JobNow job;
  if (const auto online = desk.online_at.find(asked.index); online != desk.online_at.end())
    job.in_flight = online->second;
  for (const StreamWindow& window : desk.windows) {
    bool serves = false;
    for (schedule::StreamKey key : desk.queue_keys(window.stream)) {
      const std::vector<uint32_t> teachers = desk.queue_teachers(key);
      if (std::find(teachers.begin(), teachers.end(), asked.index) == teachers.end()) continue;
      serves = true;
      if (desk.is_of_batches(key))
        job.gathering |= queue_.size(key) > 0;
      else
        job.queued += queue_.size(key);
    }
    // A fallback's queries on disk are for one teacher, the one that its fresh ones stand before.
    if (!window.route.empty()) serves = spec.teachers[window.route.front()].index == asked.index;
    if (!serves) continue;
    job.reading |= !window.next_fresh || *window.next_fresh < spec.ordinals();
    job.reading |= window.leaving > 0 && desk.in_flight == 0;  // answers that were known already
    job.postponed |= window.next_due_us.has_value();
  }
  job.undecided = waits_for_labels(desk);
  job.twins = desk.parked_until_us > utc_us();
  const std::string& name = asked.config.name();
  job.in_batch = desk.in_batches > 0 &&
                 (std::any_of(batches_.begin(), batches_.end(),
                              [&](const auto& batch) {
                                return batch.second.job_number() == spec.number && batch.second.teacher() == name;
                              }) ||
                  std::any_of(drafts_.begin(), drafts_.end(), [&](const auto& draft) {
                    return draft.first.first == spec.number && draft.second.row.teacher() == name;
                  }));
  if (desk.starved)
    job.own = limit::Dimension::kJobBudget;
  else if (const auto bound = desk.bound_at.find(asked.index);
           bound != desk.bound_at.end() && is_of_a_job(bound->second))
    job.own = bound->second;
  return job;
}

/// What of its life has no cause yet is the time in which its prompts came in, it was paused, or nobody worked on it.
void Harvester::begin_waits(JobDesk& desk, const v1::JobRecord& record) {
  const auto kept = waits_leaving_.find(record.number());
  desk.waits =
      WaitBook(kept != waits_leaving_.end() ? kept->second.waits : store_.reads().waits(record.number()), now());
  if (record.state() == v1::CANCELLED) return;  // opened for its batches; its life is over
  std::string_view cause = cause::kIdle;
  if (const auto asleep = asleep_.find(record.number()); asleep != asleep_.end())
    cause = asleep->second.cause;
  else if (record.state() == v1::PAUSED)
    cause = cause_of_pause(record.reason());
  else if (desk.waits.empty() && record.counters().attempts() == 0)
    cause = cause::kSubmission;
  const nanoseconds life = std::chrono::microseconds(utc_us() - record.created_at_us());
  desk.waits.add("", {cause}, life - desk.waits.counted());
}

void Harvester::note_waits(JobDesk& desk) {
  desk.waits.noted(now());
  store_.apply(store::PutWaits{desk.spec->number, desk.waits.rows()}, [id = desk.spec->id](LaneStore::Result result) {
    // The next note has it all; only a crash before it would lose some seconds.
    if (!result.status.ok()) observe::log::warn("waits_not_stored", {{"job", id}, {"reason", result.status.message()}});
  });
}

void Harvester::end_waits(JobDesk& desk) {
  const nanoseconds rest = desk.waits.advance(now());
  // Less than a tick: its last answers came. Where nothing was asked, all of them were known.
  const std::string_view cause = desk.online_at.empty() ? cause::kStore : cause::kTeacher;
  if (desk.online_at.empty() && !desk.cancelled) desk.waits.add("", {cause}, rest);
  for (const auto& [index, queries] : desk.online_at)
    if (!desk.cancelled) desk.waits.add(teachers_[index]->config().name(), {cause}, rest);
  const uint64_t number = desk.spec->number, turn = ++leavings_;
  waits_leaving_[number] = {turn, desk.waits.rows()};
  store_.apply(store::PutWaits{number, desk.waits.rows()}, [this, number, turn](LaneStore::Result result) {
    // It may have come back and left again meanwhile.
    const auto leaving = waits_leaving_.find(number);
    if (leaving != waits_leaving_.end() && leaving->second.turn == turn) waits_leaving_.erase(leaving);
    if (!result.status.ok())
      observe::log::warn("waits_not_stored", {{"job", number}, {"reason", result.status.message()}});
  });
}

v1::WaitBook Harvester::waits(uint64_t job) const {
  const auto open = jobs_->desks().find(job);
  if (open != jobs_->desks().end()) return open->second->waits.rows();
  const auto leaving = waits_leaving_.find(job);
  return leaving != waits_leaving_.end() ? leaving->second.waits : store_.reads().waits(job);
}

}  // namespace harvest::flow

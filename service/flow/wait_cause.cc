#include "service/flow/wait_cause.h"

#include <algorithm>

namespace harvest::flow {

using limit::Dimension;

namespace {

/// While it binds, nobody sends: that others wait as well takes nothing from anybody.
bool stops_all(Dimension dimension) {
  switch (dimension) {
    case Dimension::kRequestsPerDay:
    case Dimension::kTeacherBudget:
    case Dimension::kBackoff:
    case Dimension::kBreaker:
      return true;
    default:
      return false;
  }
}

/// Empty: it may be asked.
std::string_view stopped_by(const TeacherNow& teacher) {
  if (teacher.disk_full) return cause::kDisk;
  if (teacher.service_halted || teacher.halted) return cause::kHalt;
  return teacher.paused ? cause::kPause : std::string_view();
}

/// Could send, if its own bound let it.
bool is_held(const JobNow& job) {
  return job.own != Dimension::kNone && (job.queued > 0 || job.gathering);
}

/// Of a teacher: what a job is bound by is told to it last, and is none of the others' business.
std::string_view bound_of(const TeacherNow& teacher) {
  const bool none = teacher.binding == Dimension::kNone || is_of_a_job(teacher.binding);
  return none ? std::string_view() : limit::name_of(teacher.binding);
}

WaitFor wait_of(const JobNow& job, const TeacherNow& teacher, uint32_t backlogs) {
  const bool has_more = job.queued > 0 || job.gathering || job.reading || job.postponed;
  if (const std::string_view stop = stopped_by(teacher); has_more && !stop.empty()) return {stop};
  if (is_held(job)) return {limit::name_of(job.own)};
  if (job.queued > 0) {
    if (const std::string_view bound = bound_of(teacher); !bound.empty())
      return {bound, stops_all(teacher.binding) ? 1 : backlogs};
    return {job.in_flight > 0 ? cause::kTeacher : cause::kStore};  // just read, and not asked for yet
  }
  if (job.gathering) return {cause::kBatch};
  if (job.reading) return {cause::kStore};
  if (job.in_flight > 0) return {cause::kTeacher};
  if (job.in_batch) return {cause::kBatch};
  if (job.postponed) return {job.twins ? cause::kTwin : limit::name_of(Dimension::kBackoff)};
  if (job.undecided) return {cause::kLabels};
  return {};
}

std::string_view wait_of(const TeacherNow& teacher, std::span<const JobNow> jobs, uint32_t backlogs) {
  if (teacher.service_halted || teacher.halted || teacher.paused) return {};
  if (backlogs > 0) return teacher.disk_full ? cause::kDisk : bound_of(teacher);
  // A job that its own bound holds stands in no round, and yet the teacher is not asked because of it.
  const auto held = std::find_if(jobs.begin(), jobs.end(), is_held);
  return held == jobs.end() ? std::string_view() : limit::name_of(held->own);
}

}  // namespace

bool has_backlog(const JobNow& job) {
  return job.queued > 0 && job.own == Dimension::kNone;
}

WaitsAt waits_at(const TeacherNow& teacher, std::span<const JobNow> jobs) {
  const auto here = static_cast<uint32_t>(std::count_if(jobs.begin(), jobs.end(), has_backlog));
  WaitsAt waits{.teacher = wait_of(teacher, jobs, here), .jobs = {}};
  waits.jobs.reserve(jobs.size());
  for (const JobNow& job : jobs) waits.jobs.push_back(wait_of(job, teacher, std::max(here, teacher.backlogs)));
  return waits;
}

bool is_of_a_job(limit::Dimension dimension) {
  return dimension == Dimension::kTenantBudget || limit::name_of(dimension).starts_with("job_");
}

std::string_view cause_of_pause(std::string_view reason) {
  // As the harvester words them (harvester_stops.cc).
  if (reason.starts_with("budget")) return limit::name_of(Dimension::kJobBudget);
  const bool halted = reason.starts_with("teacher ") && reason.find(" is halted") != reason.npos;
  return halted ? cause::kHalt : cause::kPause;
}

}  // namespace harvest::flow

#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "service/limit/demand.h"

namespace harvest::flow {

/// What a job may wait for besides a limit's dimension (those have the names of limit::name_of). With them, one closed
/// set of words for `why`, the store and the metrics.
namespace cause {
inline constexpr std::string_view kFairness = "fairness";      ///< its turn: others have a backlog at the teacher too
inline constexpr std::string_view kTeacher = "teacher";        ///< answers: all that could be asked is under way
inline constexpr std::string_view kBatch = "batch";            ///< a batch: its vendor's work on it, or a place in one
inline constexpr std::string_view kStore = "store";            ///< its queries are on their way from disk, or to it
inline constexpr std::string_view kLabels = "labels";          ///< verdicts on samples, before more are asked
inline constexpr std::string_view kTwin = "twin";              ///< identical queries are under way for another
inline constexpr std::string_view kDisk = "disk";              ///< no room to keep answers
inline constexpr std::string_view kHalt = "halt";              ///< the service or the teacher is halted
inline constexpr std::string_view kPause = "pause";            ///< the job or the teacher is paused
inline constexpr std::string_view kSubmission = "submission";  ///< its prompts came in
inline constexpr std::string_view kIdle = "idle";  ///< no service ran, or the job had ended and went on later
}  // namespace cause

/// A teacher as it stands at a tick.
struct TeacherNow {
  bool disk_full = false;       ///< the service keeps no answers
  bool service_halted = false;  ///< the service asks nobody: it is halted, or about to end
  bool halted = false;
  bool paused = false;
  limit::Dimension binding = limit::Dimension::kNone;  ///< what the last query was told that asked for a permit
  uint32_t backlogs = 0;  ///< jobs that have one at any teacher of its account: they divide its limits
};

/// What of a job stands at one teacher at that tick. The job is not paused.
struct JobNow {
  uint64_t queued = 0;                             ///< could be asked now
  uint64_t in_flight = 0;                          ///< online
  bool reading = false;                            ///< queries that nobody has asked are on disk
  bool postponed = false;                          ///< queries wait there for another try
  bool twins = false;                              ///< of those, some for an identical query's answer
  bool undecided = false;                          ///< samples wait for labels of those before them
  bool gathering = false;                          ///< queries wait for a place in a batch
  bool in_batch = false;                           ///< queries are with the vendor
  limit::Dimension own = limit::Dimension::kNone;  ///< a bound of the job itself, which holds its queue
};

/// What one job waits for: `cause` for one part in `among`, its turn for the rest.
struct WaitFor {
  std::string_view cause;  ///< empty: for nothing, as nothing of it is left at the teacher
  uint32_t among = 1;      ///< jobs that divide what the cause grants

  friend bool operator==(const WaitFor&, const WaitFor&) = default;
};

struct WaitsAt {
  /// What the teacher waits for as far as it has a backlog; empty: nothing. A halt or a pause is no wait of a teacher.
  std::string_view teacher;
  std::vector<WaitFor> jobs;  ///< as they were given
};

/// Could it send, if the teacher took more?
bool has_backlog(const JobNow& job);

/// Every second has a cause: what each of these jobs, and their teacher, wait for now. Pure.
///
/// A job whose queue is not empty waits for what bounds the teacher. Of a rate or a count, which n such jobs divide, it
/// could have more if the others had less: the bound is charged one n-th of its time, fairness the rest. What stops the
/// teacher for all of them (backoff, breaker, a spent day) is charged whole.
WaitsAt waits_at(const TeacherNow& teacher, std::span<const JobNow> jobs);

/// Is this a bound of one job or its tenant, not of a teacher?
bool is_of_a_job(limit::Dimension dimension);

/// The cause that a paused job's time goes to, by the reason that it was given.
std::string_view cause_of_pause(std::string_view reason);

}  // namespace harvest::flow

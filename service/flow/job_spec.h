#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/job.pb.h"
#include "service/dialect/dialect.h"
#include "storage/store/change.h"

namespace harvest::flow {

/// What of a job does not change while it is asked, with its teachers resolved; a retune makes another. Shared
/// read-only between lanes.
struct JobSpec {
  struct AskedTeacher {
    uint32_t index = 0;    ///< in the harvester's teachers
    uint32_t account = 0;  ///< whose limits it shares: the number of that in the harvester, and of its rounds
    v1::Teacher config;
    const dialect::Dialect* dialect = nullptr;
    std::shared_ptr<const store::Stamp> stamp;  ///< of all that it answers
  };

  uint64_t number = 0;
  std::string id;
  std::string tenant, principal;
  v1::Job job;
  uint64_t prompts = 0;
  uint64_t prompt_kind = 0;  ///< jobs of one template, system message and dataset are of one (limit/token_book.h)
  uint32_t samples = 1;      ///< of a prompt, side by side: an ordinal each
  /// Samples are asked one after the other, under one ordinal, until one is accepted, at most so many; 0: side by side.
  uint32_t samples_until = 0;
  std::vector<AskedTeacher> teachers;
  int64_t created_at_us = 0;
  int64_t deadline_us = INT64_MAX;
  bool any_whole_answer = false;   ///< also one under a smaller cap is reused: truncated_retry.h
  int64_t max_age_us = INT64_MAX;  ///< answers from before the job that are older are asked anew

  uint64_t ordinals() const { return prompts * samples; }
  /// Streams of the store: one per teacher where every teacher is asked, else one.
  uint32_t streams() const { return job.ask() == v1::EACH ? static_cast<uint32_t>(teachers.size()) : 1; }
};

/// A teacher as configured now; none where the configuration does not name it.
struct ConfiguredTeacher {
  uint32_t index = 0;
  uint32_t account = 0;
  const v1::Teacher* config = nullptr;
};
using FindTeacher = std::function<std::optional<ConfiguredTeacher>(const std::string& name)>;

/// The spec of a committed job over today's teachers. FAILED_PRECONDITION, in words for an operator, where a teacher is
/// gone or is no longer the model that the job was submitted for: limits and prices may change under a job, identity
/// may not.
absl::StatusOr<std::shared_ptr<const JobSpec>> make_job_spec(const v1::JobRecord& record, const FindTeacher& find);

/// The same job after a retune: its shares, cap and deadline may be others.
std::shared_ptr<const JobSpec> retuned(const JobSpec& spec, const v1::Job& job);

/// INVALID_ARGUMENT where it is no time, or has passed. Empty is none.
absl::Status check_deadline(const std::string& deadline, int64_t utc_us);

/// FAILED_PRECONDITION where the teacher has no prices on this day.
absl::Status check_priced(const v1::Teacher& teacher, int64_t day);

/// Why the job may ask nothing more at this time: its deadline has passed, a teacher's rights no longer cover its use,
/// or a rights alert stands between (of a FALLBACK job: before all of its teachers; one is passed by like one that is
/// halted). Asked anew while it runs, because all of these change under a running job.
absl::Status may_go_on(const JobSpec& spec, std::span<const v1::RightsAlert> alerts, int64_t utc_us);

/// The output cap of a query to this teacher, in tokens.
uint32_t output_cap(const v1::Sampling& merged, const v1::Teacher& teacher);

}  // namespace harvest::flow

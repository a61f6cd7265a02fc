#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harvest/v1/job.pb.h"
#include "harvest/v1/teacher.pb.h"

namespace harvest::flow {

/// A quantile of answers' lengths in words; 0 is one that nobody knows, as the output cap cut so many off.
inline std::string tokens_told(uint64_t quantile) {
  return quantile > 0 ? std::to_string(quantile) : "more than the cap";
}

/// What `why` reasons from: a job, what it waited for, and how teachers and service stand. Plain values of one moment.
struct WhyFacts {
  v1::JobStatus job;
  v1::WaitBook waits;
  std::vector<v1::TeacherStatus> teachers;
  std::map<std::string, uint64_t> other_jobs;  ///< running besides this one, by teacher
  uint64_t free_bytes = 0;
  int64_t utc_us = 0;
};

/// Null: the configuration names it no more.
const v1::TeacherStatus* find_teacher(const WhyFacts& facts, std::string_view name);

/// Nothing more of it will be asked: advice is for the next one.
bool has_ended(const v1::JobStatus& job);

struct KnownLimit {
  uint64_t figure = 0;
  bool found = false;  ///< told by refusals; else stated
};
/// What bounds this teacher in the dimension of that name. None: nothing that is known.
std::optional<KnownLimit> limit_of(const v1::TeacherStatus& teacher, std::string_view dimension);

/// The output cap of the job's queries there, in tokens; prompts may state their own.
uint64_t output_cap(const v1::JobStatus& job, const v1::TeacherStatus& teacher);

/// Does it weigh on the teacher's limits? Else what is generated does.
bool output_cap_counts(const v1::TeacherStatus& teacher);

/// The endpoint that fails, and how: "URL: words (3 failures in a row)". Empty: none does.
std::string trouble_of(const v1::TeacherStatus& teacher);

}  // namespace harvest::flow

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harvest/v1/job.pb.h"
#include "service/plan/cap.h"
#include "service/plan/pace.h"

namespace harvest::plan {

/// What the queries of one prompt take of a teacher. Dollars are dollars.
struct Take {
  double queries = 0;
  double requests = 0;  ///< several queries may go in one
  double input_tokens = 0;
  double output_tokens = 0;
  double input_usd = 0;  ///< what the input costs of the whole
  double output_usd = 0;
  double batch_input_usd = 0;  ///< the same by the teacher's batch interface
  double batch_output_usd = 0;
};

/// A prompt of the sample, at one teacher.
struct Sampled {
  double bytes = 0;
  /// What its answers take was seen: it was asked, or need not be. Else only queries and requests are known.
  bool told = false;
  bool known = false;  ///< some of it was answered before the pilot, and is not asked again
  bool ended = false;  ///< the pilot came to no answer: a FALLBACK job asks the next teacher
  Take alike;          ///< what another prompt like it takes of the job
  Take itself;         ///< what this one is yet to take: less, where the pilot's answer is kept
  double seconds = 0;  ///< one attempt, from its start to its answer; 0: not known
};

struct Price {
  double input_usd = 0;  ///< of a token
  double output_usd = 0;
};

struct TeacherFacts {
  std::string name;
  std::string account;  ///< whose limits it shares; of a teacher on its own, its name
  Allowance allowance;
  std::vector<std::vector<Sampled>> strata;  ///< the same prompts for every teacher, by size
  /// What its answers of late took, to whatever was asked.
  struct Learned {
    uint64_t answers = 0;
    double output_median = 0, output_p90 = 0;  ///< tokens; 0: not known, as so many were cut off
  };
  std::optional<Learned> learned;
  double output_cap = 0;          ///< of one answer, in tokens
  bool output_cap_counts = true;  ///< against its limits, until the answer is there
  std::vector<Cap> caps;          ///< its own, on money
  Price online, batch;
  bool takes_batches = false;
  bool batch_is_cheaper = false;
  bool goes_by_batch = false;  ///< the job's route
  double attempts_per_query = 1;
  uint64_t pilot_answers = 0;
};

struct PromptSize {
  double prompts = 0;
  double bytes = 0;  ///< of all of them
};

/// All that a plan is reckoned from: plain figures of one moment.
struct Facts {
  v1::Ask ask = v1::EACH;
  double system_bytes = 0;  ///< that stand before every prompt beside its own
  std::vector<PromptSize> strata;
  std::vector<TeacherFacts> teachers;  ///< in the job's order; one at least
  uint64_t repeated_prompts = 0;       ///< beside those of the strata
  std::optional<double> max_cost_usd;
  std::vector<Cap> tenant_caps;
  double hedge_ratio = 0;  ///< of calls, at most, that get a second one, which is paid too
  std::optional<double> seconds_to_deadline;
};

}  // namespace harvest::plan

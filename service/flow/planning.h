#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/control.pb.h"
#include "service/flow/intake.h"
#include "service/flow/stream_reader.h"
#include "storage/store/store.h"

namespace harvest::flow {

/// Foretells what a job would cost and take, before it is paid for. Gathers the facts (known answers, what a pilot came
/// to, prices, limits); the room service/plan reckons. Asks nobody and changes nothing.
///
/// Blocking reads: called from API threads. One call, one object.
class Planning {
 public:
  struct Parts {
    const store::Store& store;
    const Intake& intake;
    StreamReader::MayReuse may_reuse;
    std::vector<v1::TeacherStatus> teachers;  ///< as they stand now
    std::vector<v1::BudgetStatus> budgets;    ///< of teachers and tenants, as they stand now
    int64_t utc_us = 0;
  };
  explicit Planning(Parts parts) : parts_(std::move(parts)) {}

  /// Refuses what a submission of the job would refuse, in the same words; INVALID_ARGUMENT also where the strata make
  /// no sense; NOT_FOUND: the pilot. Strata hold the prompts that are asked, `repeated_prompts` are beside them. The
  /// plan's id is the caller's to add.
  absl::StatusOr<v1::Plan> plan(const v1::PlanJobRequest& request, const Caller& caller);

 private:
  /// One without an id where no pilot was asked.
  absl::StatusOr<v1::JobRecord> find_pilot(const std::string& id, const Caller& caller) const;

  Parts parts_;
};

}  // namespace harvest::flow

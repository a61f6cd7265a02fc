#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/cpp/harvest_client.h"
#include "client/cpp/prompt_reader.h"
#include "harvest/v1/control.pb.h"

namespace harvest::client {

/// Everything about a job's prompts that its plan is made of. Reads them all, once, in bounded memory; INVALID_ARGUMENT
/// names the file, or the first bad line (on_bad_line: FATAL). Of a job that is not fresh, lines that repeat an earlier
/// one are counted apart: they are not asked again.
///
/// `sample`: prompts to be drawn.
absl::StatusOr<v1::PlanJobRequest> read_for_plan(const v1::Job& job, uint32_t sample, HarvestClient* client = nullptr);

/// The pilot of a job: its sampled prompts once to each of its teachers, online, into the dataset `pilots`. What it
/// pays for is found again by the job itself. Empty cap: none of its own.
v1::Job pilot_of(const v1::Job& job, const std::string& max_cost_usd);

/// What the pilot itself would cost: the samples are all that there is.
v1::PlanJobRequest plan_of_pilot(const v1::PlanJobRequest& request, const v1::Job& pilot);

/// Submits the sampled prompts as a job; it runs when this returns. Prompts that cannot be asked are left out under
/// on_bad_line: SKIP, else INVALID_ARGUMENT names the first.
absl::StatusOr<v1::JobStatus> submit_pilot(HarvestClient& client, const v1::PlanJobRequest& request,
                                           const v1::Job& pilot);

}  // namespace harvest::client

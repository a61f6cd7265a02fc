#pragma once

#include <string>

#include "harvest/v1/job.pb.h"

namespace harvest::client {

/// "$1.20 to $1.60"; one figure where both ends read alike.
std::string dollars_text(const v1::Range& usd);
/// "12 to 15 min": in the unit that suits the longer.
std::string time_text(const v1::Range& seconds);
/// "950 to 1.2k"
std::string count_text(const v1::Range& count);

/// What a plan said beside what became of the job: "plan: $1.20 to $1.60, 12 to 15 min (output_tokens binds); bill:
/// $1.38, 13 min: within". Of a job that has not finished: "so far". Empty where it had no plan.
std::string plan_and_bill(const v1::JobRecord& job);

}  // namespace harvest::client

#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "client/cpp/harvest_client.h"

namespace harvest::client {

/// Queries of a job that ended otherwise than in an answer: rejected and quarantined ones as the service lists them,
/// then refused ones, whose pairs say so. Until `limit` were shown (0: all) or `show` returns false.
///
/// Refusals are found by reading the dataset through: in a large one this can take its time.
absl::Status each_ending(HarvestClient& client, const v1::JobStatus& job, uint64_t limit,
                         const std::function<bool(const v1::Ending&)>& show);

/// How many there are. Queries of a cancelled job that were never asked are not among them.
uint64_t ended_otherwise(const v1::JobCounters& counters);

/// "3 queries were not asked: …", where any was not needed any more; else empty.
std::string unasked_line(const v1::JobRecord& job);

/// "prompt 3 (line 4, c-17), sample 0, teacher qwen: rejected invalid_request: the vendor's words"; safe for terminals.
std::string ending_line(const v1::Ending& ending);

}  // namespace harvest::client

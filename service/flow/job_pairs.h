#pragma once

#include <functional>

#include "absl/status/status.h"
#include "harvest/v1/job.pb.h"
#include "storage/store/store.h"

namespace harvest::flow {

/// Shows a job's pairs in the order in which they were stored, until `show` returns false. Its dataset may hold pairs
/// of others between them: it is read from about when the job began. NOT_FOUND: there is no such dataset. Blocking.
absl::Status each_pair_of(const store::Store& store, const v1::JobRecord& record,
                          const std::function<bool(const v1::Pair&)>& show);

}  // namespace harvest::flow

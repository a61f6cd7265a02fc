#pragma once

#include <optional>

#include "service/dialect/batch.h"
#include "service/flow/batch_run.h"

namespace harvest::flow {

/// The word for a batch that its vendor does not know any more.
inline constexpr const char* kUnknownToVendor = "unknown to the vendor";

/// Looks after a batch until it runs no more, and has it cancelled where nothing more of it may be asked. None: the
/// service ends.
runtime::Task<std::optional<dialect::BatchStanding>> see_end(Harvester& house, BatchRun& run);

}  // namespace harvest::flow

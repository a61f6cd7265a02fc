#pragma once

#include "service/flow/batch_run.h"

namespace harvest::flow {

/// Hands a sealed batch to its vendor, once: where it may have been handed in before, it is searched for first. False:
/// it is over (dissolved), or the service ends.
runtime::Task<bool> hand_in(Harvester& house, BatchRun& run);

}  // namespace harvest::flow

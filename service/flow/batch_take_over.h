#pragma once

#include "service/dialect/batch.h"
#include "service/flow/batch_run.h"

namespace harvest::flow {

/// Takes over what a batch that has ended brought, then those of its members of whom nothing is said: they may have
/// been billed, and are at risk. Results that are there are fetched until they are had, however long that takes: they
/// are paid for. True: every member's result was there, and is on disk.
runtime::Task<bool> take_over(Harvester& house, BatchRun& run, const dialect::BatchStanding& standing);

/// A batch that failed whole, before any of it was answered or billed: members that are named as wrong are rejected,
/// the others wait again. What would have stopped them online stops them here.
runtime::Task<void> take_back(Harvester& house, BatchRun& run, const dialect::BatchStanding& standing);

/// Has the vendor delete what it keeps of a batch and nobody needs any more: accounts have room for so many files. Best
/// effort.
runtime::Task<void> clean_up(Harvester& house, const BatchRun& run, const dialect::BatchStanding& standing);

}  // namespace harvest::flow

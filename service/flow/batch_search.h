#pragma once

#include <string>

#include "service/flow/batch_run.h"

namespace harvest::flow {

/// What looking for a batch in its vendor's list came to.
struct Search {
  enum class Found { kYes, kNo, kNotYetKnown } found = Found::kNo;
  std::string id;  ///< the vendor's; where it was found
};

/// Looks for a batch whose creation went unheard: by its token, or, where the vendor keeps none, by its members' names
/// in results. "No" only after the whole list, or all of it that is young enough, was read and understood: a batch that
/// is taken for missing is made again, and billed again.
runtime::Task<Search> search(Harvester& house, const BatchRun& run);

}  // namespace harvest::flow

#pragma once

#include <cstddef>
#include <cstdint>

#include "harvest/v1/batch.pb.h"
#include "service/limit/demand.h"

namespace harvest::flow {

/// A batch that is being gathered: queries of one job for one teacher, each on disk as an intent that bears its number
/// as soon as it is in. Decision lane only.
struct BatchDraft {
  v1::Batch row;  ///< members: those whose intent is on disk
  size_t members_max = 0;
  size_t bytes_max = 0;  ///< of all requests
  bool open = false;     ///< the row is on disk: members may come in
  bool full = false;     ///< sealed as soon as every member's intent is on disk
  uint64_t pending = 0;  ///< members whose intent is on its way to the disk
  size_t bytes = 0;
  limit::Instant last_at{};  ///< when a member came last

  bool takes(size_t request_bytes) const {
    return row.members() + pending < members_max &&
           (row.members() + pending == 0 || bytes + request_bytes <= bytes_max);
  }
};

}  // namespace harvest::flow

#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "storage/store/group.h"

namespace harvest::store {

/// What a crash left behind is put right before anything else, in one synced batch: a crash during it repeats it whole.
///
/// Every open intent may have been billed without an answer. It is booked as at risk with its bound, counted, reported,
/// and its query waits again, due now; in its third crash in a row the query ends as quarantined. The run is marked as
/// open, to be marked clean by close().
absl::Status recover(Group& group, int64_t utc_us, StartReport& report);

/// close(): the run ended by itself.
absl::Status mark_clean(Group& group);

}  // namespace harvest::store

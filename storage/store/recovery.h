#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "storage/store/group.h"

namespace harvest::store {

/// What a crash left behind is put right before anything else, in one synced batch: a crash during it repeats it whole.
///
/// Every open intent may have been billed without an answer. It is booked as at risk with its bound, counted, reported,
/// and its query waits again, due now; in its third crash in a row the query ends as quarantined. It is kept for good
/// in a row of lost attempts (`L`). The run is marked as open, to be marked clean by close().
///
/// Booking happens once, but the report is told until somebody heard it: each booked intent is kept in a row of its own
/// (`R`) until the run serves (ForgetReport), and a start that fails before that leaves it to the next one.
absl::Status recover(Group& group, int64_t utc_us, StartReport& report);

/// close(): the run ended by itself.
absl::Status mark_clean(Group& group);

/// give_back(): the run never served, so how the run before it ended stands again as it was found.
absl::Status mark_as_found(Group& group, const StartReport& report);

}  // namespace harvest::store

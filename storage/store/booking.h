#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/store/group.h"
#include "storage/store/tally.h"

/// The steps that changes share: leaving a place, booking an attempt's end, counting a query's end. All on the staged
/// rows of a group; all assert that the job is there, since a job's rows stay while anything of it can still come.
namespace harvest::store {

/// A query, or a group, leaves its place. At the cursor it moves the cursor past it; it must be the cursor (asserted),
/// except right after the disk refused an earlier query of the stream: then this one is refused too, UNAVAILABLE, and
/// nothing is changed.
absl::Status leave(Group& group, const Place& from);

/// A job's rows, under its ids; its number. Nothing of it is counted yet. ALREADY_EXISTS: the id is another's.
absl::StatusOr<uint64_t> create_job(Group& group, const v1::JobRecord& record, v1::JobState state);

/// A waiting row each for `queries` consecutive ones, the first of which is `first`.
void put_rows(Group& group, uint64_t job, uint32_t stream, const v1::Postponed& first, uint32_t queries);

/// Money and tokens of an attempt that ended: to its job, and to the budget day of its teacher and
/// its tenant.
void book(Group& group, const v1::Intent& intent, const Charge& charge);

/// A request that leaves now, in its teacher's day.
void count_request(Group& group, const v1::Intent& intent);

/// What a change's answer has in common with others; empty where it is complete as it stands.
const Stamp& stamp_of(const std::shared_ptr<const Stamp>& stamp);

/// The next answer's row, and its number.
uint64_t put_answer(Group& group, const Stamp& stamp, const v1::Answer& answer);

/// An attempt that may have been billed unseen, by name.
void put_lost(Group& group, const v1::Intent& intent, int64_t found_at_us);

/// How a query ended.
enum class Fate { kAnswered, kRefused, kRejected, kQuarantined };
/// Counts it, and the turns after it that are not asked. The last query's end finishes the job, in the same batch.
void count_end(Group& group, uint64_t job, Fate fate, uint32_t unasked, int64_t at_us);

/// Counts queries that need no asking any more; where they were the last ones, the job is finished in the same batch.
void count_unasked(Group& group, uint64_t job, uint32_t unasked, int64_t at_us);

/// A turn was answered: where its conversation goes on, the row of its next turn.
void put_next_turn(Group& group, const QueryKey& query, Onward& onward);

/// The outcome under which a query's third crash in a row ends it.
inline constexpr char kQuarantined[] = "quarantined";

}  // namespace harvest::store

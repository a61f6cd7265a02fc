#include <cassert>
#include <limits>

#include "absl/strings/str_cat.h"
#include "storage/store/booking.h"
#include "storage/store/changes.h"

namespace harvest::store {
namespace {

// Endings a group moves: some 700 bytes each at most, so that a group stays under a megabyte.
constexpr int kEndingsMax = 1024;

/// Of a conversation that ended without an answer: the turn at which it stood goes into `row`, and those after it wait
/// to be asked again.
absl::Status take_up(Group& group, const Database::Reader& reader, const QueryKey& query, v1::JobCounters& tally,
                     v1::Postponed& row, Applied& applied) {
  rocksdb::PinnableSlice stood;
  const rocksdb::Status found = reader.get(Family::kDefault, keys::broken_off(query), &stood);
  if (found.IsNotFound()) return absl::OkStatus();
  if (!found.ok()) return to_status(found);
  KeyReader value(stood);
  const uint32_t unasked = value.u32();
  if (!row.ParseFromString(std::string(value.rest())))
    return absl::DataLossError("where a conversation stood cannot be read");
  assert(tally.unasked() >= unasked);
  tally.set_unasked(tally.unasked() - unasked);
  applied.turns += unasked;
  group.remove(Family::kDefault, keys::broken_off(query));
  return absl::OkStatus();
}

}  // namespace

absl::Status requeue_some(Group& group, const RequeueEndings& change, std::string& from, Applied& applied) {
  State& state = group.state();
  const v1::JobRecord* job = state.jobs.find(change.job);
  if (job == nullptr) return absl::NotFoundError(absl::StrCat("there is no job number ", change.job));
  if (job->state() == v1::DRAFT || job->state() == v1::CANCELLED) {
    return absl::FailedPreconditionError(absl::StrCat("job ", job->id(), " is ", v1::JobState_Name(job->state()),
                                                      ": it has nothing to be queued again"));
  }
  applied.number = change.job;
  const Key first = keys::ending({change.job, 0, 0});
  const Key end = keys::ending({change.job + 1, 0, 0});
  Database::Reader reader = group.database().read();
  Database::Rows rows =
      reader.range(Family::kDefault, from.empty() ? rocksdb::Slice(first) : rocksdb::Slice(from), end);
  from.clear();
  int moved = 0;
  for (; rows->Valid(); rows->Next()) {
    if (moved == kEndingsMax) {
      from = rows->key().ToString();
      break;
    }
    v1::Ending ending;
    if (!ending.ParseFromArray(rows->value().data(), static_cast<int>(rows->value().size()))) {
      return absl::DataLossError(absl::StrCat("an ending of job ", job->id(), " cannot be read"));
    }
    group.remove(Family::kDefault, keys::ending({change.job, ending.stream(), ending.ordinal()}));
    v1::JobCounters* tally = state.tallies.edit(change.job);
    v1::Postponed row;
    if (ending.turn() > 0 || tally->unasked() > 0) {
      absl::Status taken =
          take_up(group, reader, {change.job, ending.stream(), ending.ordinal()}, *tally, row, applied);
      if (!taken.ok()) return taken;
    }
    row.set_ordinal(ending.ordinal());
    row.set_due_at_us(change.at_us);
    row.set_last_outcome(ending.outcome());
    row.set_last_message(ending.message());
    // Attempts and crashes start anew: who asks for a retry gives the query its chances again.
    group.put_postponed(change.job, ending.stream(), row);
    if (ending.outcome() == kQuarantined) {
      assert(tally->quarantined() > 0);
      tally->set_quarantined(tally->quarantined() - 1);
    } else {
      assert(tally->rejected() > 0);
      tally->set_rejected(tally->rejected() - 1);
    }
    ++moved;
  }
  if (!rows->status().ok()) return to_status(rows->status());
  applied.count += moved;
  if (moved > 0 && job->state() == v1::FINISHED) {
    v1::JobRecord* running = state.jobs.edit(change.job);
    running->set_state(v1::RUNNING);
    running->clear_reason();
    running->clear_finished_at_us();
  }
  group.must_sync();
  return absl::OkStatus();
}

}  // namespace harvest::store

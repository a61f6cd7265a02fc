#include <cassert>

#include "storage/store/booking.h"
#include "storage/store/changes.h"

namespace harvest::store {

absl::Status apply(Group& group, const Hedge& change, Applied& applied) {
  (void)applied;
  const v1::Intent& intent = change.intent;
  // Deleted and put again: an intent's key is put once between two single deletes.
  group.close_intent(intent);
  group.open_intent(intent);
  v1::JobCounters* tally = group.state().tallies.edit(intent.job_number());
  assert(tally != nullptr);
  tally->set_attempts(tally->attempts() + 1);
  tally->set_hedges(tally->hedges() + 1);
  count_request(group, intent);
  return absl::OkStatus();
}

absl::Status apply(Group& group, const SettleLate& change, Applied& applied) {
  book(group, change.intent, change.charge);
  group.remove(Family::kDefault, keys::lost(change.intent.id()));
  group.must_sync();
  if (!change.answer) return absl::OkStatus();
  applied.number = put_answer(group, stamp_of(change.stamp), *change.answer);
  return absl::OkStatus();
}

}  // namespace harvest::store

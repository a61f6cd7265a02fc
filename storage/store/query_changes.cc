#include <cassert>

#include "storage/store/booking.h"
#include "storage/store/changes.h"

namespace harvest::store {
namespace {

/// Beside its ending: where a conversation stood that ended without an answer, for the day it is queued again.
void put_broken_off(Group& group, const QueryKey& query, const End& change) {
  v1::Postponed stood;
  stood.set_ordinal(query.ordinal);
  stood.set_turn(change.ending.turn());
  stood.mutable_parent_record_ids()->Add(change.parent_record_ids.begin(), change.parent_record_ids.end());
  const std::string row = rocksdb::Slice(Key().u32(change.unasked)).ToString() + stood.SerializeAsString();
  group.put(Family::kDefault, keys::broken_off(query), rocksdb::Slice(row));
}

}  // namespace

absl::Status apply(Group& group, const Reserve& change, Applied& applied) {
  (void)applied;
  const v1::Intent& intent = change.intent;
  assert(query_of(change.from) == query_of(intent) && change.from.queries == queries_of(intent));
  absl::Status left = leave(group, change.from);
  if (!left.ok()) return left;
  group.open_intent(intent);
  v1::JobCounters* tally = group.state().tallies.edit(intent.job_number());
  assert(tally != nullptr);
  tally->set_attempts(tally->attempts() + 1);
  if (intent.attempt() > 1) tally->set_retries(tally->retries() + 1);
  // A day's requests are those that go online: a batch's members are no request of their own.
  if (intent.batch() == 0) count_request(group, intent);
  return absl::OkStatus();
}

absl::Status apply(Group& group, const Park& change, Applied& applied) {
  (void)applied;
  assert(change.from.ordinal == change.to.ordinal());
  absl::Status left = leave(group, change.from);
  if (!left.ok()) return left;
  put_rows(group, change.from.job, change.from.stream, change.to, change.from.queries);
  return absl::OkStatus();
}

absl::Status apply(Group& group, const Postpone& change, Applied& applied) {
  (void)applied;
  const v1::Intent& intent = change.intent;
  assert(intent.ordinal() == change.to.ordinal());
  group.close_intent(intent);
  book(group, intent, change.charge);
  put_rows(group, intent.job_number(), intent.stream(), change.to, queries_of(intent));
  return absl::OkStatus();
}

absl::Status apply(Group& group, const End& change, Applied& applied) {
  (void)applied;
  assert(change.intent.has_value() != change.from.has_value());
  QueryKey query;
  uint32_t queries = 1;
  if (change.intent) {
    query = query_of(*change.intent);
    queries = queries_of(*change.intent);
    group.close_intent(*change.intent);
    book(group, *change.intent, change.charge);
  } else {
    query = query_of(*change.from);
    queries = change.from->queries;
    absl::Status left = leave(group, *change.from);
    if (!left.ok()) return left;
  }
  v1::Ending ending = change.ending;
  ending.set_stream(query.stream);
  // One truth for both counters: the row itself says which of them holds it, for the day it is queued again.
  if (change.quarantined) ending.set_outcome(kQuarantined);
  const bool quarantined = ending.outcome() == kQuarantined;
  group.must_sync();
  for (; queries > 0; --queries, ++query.ordinal, ending.set_sample(ending.sample() + 1)) {
    ending.set_ordinal(query.ordinal);
    group.put(Family::kDefault, keys::ending(query), ending);
    if (ending.turn() > 0 || change.unasked > 0) put_broken_off(group, query, change);
    count_end(group, query.job, quarantined ? Fate::kQuarantined : Fate::kRejected, change.unasked, ending.at_us());
  }
  return absl::OkStatus();
}

bool must_be_kept(const Change& change) {
  if (const End* end = std::get_if<End>(&change)) return end->intent.has_value();
  return std::holds_alternative<Settle>(change) || std::holds_alternative<Postpone>(change) ||
         std::holds_alternative<SettleLate>(change);
}

const Place* place_of(const Change& change) {
  if (const Reserve* reserve = std::get_if<Reserve>(&change)) return &reserve->from;
  if (const Park* park = std::get_if<Park>(&change)) return &park->from;
  if (const Reuse* reuse = std::get_if<Reuse>(&change)) return &reuse->from;
  const End* end = std::get_if<End>(&change);
  return end != nullptr && end->from ? &*end->from : nullptr;
}

}  // namespace harvest::store

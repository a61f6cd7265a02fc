#include "storage/store/recovery.h"

#include <algorithm>
#include <cassert>

#include "absl/strings/str_cat.h"
#include "storage/store/booking.h"
#include "storage/store/changes.h"
#include "storage/store/prompt_cache.h"

namespace harvest::store {
namespace {

// A query whose intent was open in this many crashes in a row is the likely cause of them.
constexpr uint32_t kCrashesMax = 3;
constexpr char kCrashed[] = "crashed";
constexpr char kCrashedMessage[] = "the service ended while this attempt was under way";

/// `of_batches`: where the members of batches go.
absl::Status read_intents(Database& database, char kind, std::vector<v1::Intent>& intents,
                          std::vector<v1::Intent>& of_batches) {
  Database::Reader reader = database.read();
  Database::Rows rows = reader.range(Family::kDefault, Key(kind), Key(static_cast<char>(kind + 1)));
  for (; rows->Valid(); rows->Next()) {
    v1::Intent intent;
    if (!intent.ParseFromArray(rows->value().data(), static_cast<int>(rows->value().size()))) {
      return absl::DataLossError(absl::StrCat("the intent under key ", rows->key().ToString(true), " cannot be read"));
    }
    (intent.batch() == 0 ? intents : of_batches).push_back(std::move(intent));
  }
  return to_status(rows->status());
}

/// Where its conversation stands.
void keep_turn(const v1::Intent& intent, v1::Postponed& row) {
  row.set_turn(intent.turn());
  *row.mutable_parent_record_ids() = intent.parent_record_ids();
}

Postpone postponed(const v1::Intent& intent, int64_t utc_us) {
  Postpone change;
  change.intent = intent;
  change.charge.at_risk_picodollars = intent.cost_max_picodollars();
  change.to.set_ordinal(intent.ordinal());
  change.to.set_attempts(intent.attempt());
  change.to.set_crashes(intent.crashes() + 1);
  change.to.set_due_at_us(utc_us);
  change.to.set_teacher(intent.teacher());
  // What went online stays there, though its job's other queries may go by batch.
  change.to.set_online(intent.batch() == 0);
  change.to.set_last_outcome(kCrashed);
  change.to.set_last_message(kCrashedMessage);
  keep_turn(intent, change.to);
  return change;
}

/// A batch that was being gathered has not left: its members wait again, as if they had never been taken. `lost`:
/// members of a batch that was taken over whose own end did not reach the disk; they end like any attempt in a crash.
absl::Status dissolve_gathering(Group& group, const std::vector<v1::Intent>& members, int64_t utc_us,
                                std::vector<v1::Intent>& lost) {
  Table<uint64_t, v1::Batch>& batches = group.state().batches;
  std::vector<uint64_t> gathering;
  batches.each_committed([&](uint64_t number, const v1::Batch& batch) {
    if (batch.state() == v1::GATHERING) gathering.push_back(number);
  });
  for (uint64_t number : gathering) {
    v1::Batch& batch = *batches.edit(number);
    batch.set_state(v1::DISSOLVED);
    batch.set_members(0);
    batch.set_message(kCrashedMessage);
    batch.set_ended_at_us(utc_us);
  }
  for (const v1::Intent& intent : members) {
    v1::Batch* batch = batches.edit(intent.batch());
    assert(batch != nullptr);  // Invariant: a batch's row is there before its members
    if (batch->state() == v1::TAKEN_OVER) lost.push_back(intent);
    if (batch->state() != v1::DISSOLVED) continue;
    batch->set_members(batch->members() + 1);
    Postpone change;
    change.intent = intent;
    change.to.set_ordinal(intent.ordinal());
    change.to.set_attempts(intent.attempt() - 1);
    change.to.set_crashes(intent.crashes());
    change.to.set_due_at_us(utc_us);
    keep_turn(intent, change.to);
    Applied applied;
    if (absl::Status status = apply(group, change, applied); !status.ok()) return status;
  }
  return absl::OkStatus();
}

End quarantined(Group& group, const v1::Intent& intent, int64_t utc_us) {
  const v1::JobRecord* job = group.state().jobs.find(intent.job_number());
  assert(job != nullptr);
  End change;
  change.intent = intent;
  change.quarantined = true;
  change.charge.at_risk_picodollars = intent.cost_max_picodollars();
  v1::Ending& ending = change.ending;
  ending.set_prompt(intent.ordinal() / ordinals_per_prompt(job->job()));
  ending.set_sample(sample_at(job->job(), intent.ordinal(), intent.turn()));
  ending.set_teacher(intent.teacher());
  ending.set_message(absl::StrCat("the service ended ", kCrashesMax, " times in a row while this query was under way"));
  ending.set_attempts(intent.attempt());
  ending.set_at_us(utc_us);
  ending.set_turn(intent.turn());
  change.parent_record_ids.assign(intent.parent_record_ids().begin(), intent.parent_record_ids().end());
  // Its line and custom id, for people. A prompt that cannot be read is named by its index alone.
  auto prompts = PromptCache(group.database()).read(intent.job_number(), ending.prompt(), 1);
  if (prompts.ok() && !prompts->empty()) {
    ending.set_line(prompts->front().line());
    ending.set_custom_id(prompts->front().custom_id());
    change.unasked = later_turns(job->job(), prompts->front()) - intent.turn();
  }
  return change;
}

}  // namespace

absl::Status recover(Group& group, int64_t utc_us, StartReport& report) {
  std::vector<v1::Intent> untold;  // booked by a start that failed before it served
  std::vector<v1::Intent> of_batches;
  absl::Status read = read_intents(group.database(), keys::kReported, untold, of_batches);
  if (read.ok()) read = read_intents(group.database(), keys::kIntent, report.crash_intents, of_batches);
  if (!read.ok()) return read;
  group.begin();
  State& state = group.state();
  Meta& meta = *state.meta.edit(keys::kMeta);
  report.clean = meta.clean;
  if (!meta.clean) ++meta.crashes_in_a_row;
  report.crashes_in_a_row = meta.crashes_in_a_row;
  meta.clean = false;
  if (absl::Status status = dissolve_gathering(group, of_batches, utc_us, report.crash_intents); !status.ok())
    return status;
  meta.crash_intents_total += report.crash_intents.size();
  for (const v1::Intent& intent : report.crash_intents) {
    Applied applied;
    absl::Status booked = intent.crashes() + 1 >= kCrashesMax
                              ? apply(group, quarantined(group, intent, utc_us), applied)
                              : apply(group, postponed(intent, utc_us), applied);
    if (!booked.ok()) return booked;
    v1::JobRecord& job = *state.jobs.edit(intent.job_number());
    job.set_reported_crash_intents(job.reported_crash_intents() + 1);
    group.put(Family::kDefault, keys::reported(query_of(intent)), intent);
    put_lost(group, intent, utc_us);
  }
  report.crash_intents.insert(report.crash_intents.end(), untold.begin(), untold.end());
  group.must_sync();
  return group.write();
}

absl::Status mark_clean(Group& group) {
  group.begin();
  Meta& meta = *group.state().meta.edit(keys::kMeta);
  meta.clean = true;
  meta.crashes_in_a_row = 0;
  group.must_sync();
  return group.write();
}

absl::Status mark_as_found(Group& group, const StartReport& report) {
  group.begin();
  Meta& meta = *group.state().meta.edit(keys::kMeta);
  meta.clean = report.clean;
  if (!report.clean) meta.crashes_in_a_row = report.crashes_in_a_row - 1;  // the next start counts this crash again
  group.must_sync();
  return group.write();
}

absl::Status apply(Group& group, const ForgetReport& change, Applied& applied) {
  (void)applied;
  for (const v1::Intent& intent : change.intents) group.remove(Family::kDefault, keys::reported(query_of(intent)));
  group.must_sync();
  return absl::OkStatus();
}

}  // namespace harvest::store

#include "storage/store/booking.h"

#include <algorithm>
#include <cassert>

#include "absl/strings/str_cat.h"

namespace harvest::store {

absl::StatusOr<uint64_t> create_job(Group& group, const v1::JobRecord& record, v1::JobState job_state) {
  State& state = group.state();
  if (state.job_ids.find(record.id()) != nullptr)
    return absl::AlreadyExistsError(absl::StrCat("there is a job ", record.id(), " already"));
  const uint64_t number = state.meta.edit(keys::kMeta)->next_job++;
  v1::JobRecord& job = state.jobs.create(number);
  job = record;
  job.set_number(number);
  job.set_state(job_state);
  job.clear_counters();
  job.clear_streams();
  state.tallies.create(number);
  state.job_ids.create(job.id()) = number;
  if (!job.submission_id().empty()) state.submissions.create(job.submission_id()) = number;
  return number;
}

absl::Status leave(Group& group, const Place& from) {
  if (from.due_at_us) {
    Place each = from;
    for (uint32_t i = 0; i < from.queries; ++i, ++each.ordinal) group.remove_postponed(each);
    return absl::OkStatus();
  }
  State& state = group.state();
  const StreamKey key{from.job, from.stream};
  const v1::Stream* stream = state.streams.find(key);
  assert(stream != nullptr);
  if (from.ordinal > stream->cursor()) {
    auto refused = state.refused_end.find(key);
    if (refused != state.refused_end.end() && refused->second > stream->cursor()) {
      refused->second = std::max(refused->second, from.ordinal + from.queries);
      return absl::UnavailableError(
          "an earlier query of this stream was refused by the disk; take them in order again");
    }
  }
  assert(from.ordinal == stream->cursor());  // Invariant: a stream is taken in order, each query once
  state.streams.edit(key)->set_cursor(from.ordinal + from.queries);
  group.must_sync();
  return absl::OkStatus();
}

void count_request(Group& group, const v1::Intent& intent) {
  TeacherDay& day = group.state().days.edit_or_create({intent.budget_day(), intent.teacher()});
  ++day.requests;
  day.last_request_us = std::max(day.last_request_us, intent.started_at_us());
}

void put_rows(Group& group, uint64_t job, uint32_t stream, const v1::Postponed& first, uint32_t queries) {
  if (queries == 1) return group.put_postponed(job, stream, first);
  v1::Postponed row = first;
  for (uint32_t i = 0; i < queries; ++i) {
    row.set_ordinal(first.ordinal() + i);
    group.put_postponed(job, stream, row);
  }
}

void put_next_turn(Group& group, const QueryKey& query, Onward& onward) {
  if (!onward.next) return;
  onward.next->set_ordinal(query.ordinal);
  group.put_postponed(query.job, query.stream, *onward.next);
}

void book(Group& group, const v1::Intent& intent, const Charge& charge) {
  v1::JobCounters* tally = group.state().tallies.edit(intent.job_number());
  const v1::JobRecord* record = group.state().jobs.find(intent.job_number());
  assert(tally != nullptr && record != nullptr);
  tally->set_spent_picodollars(tally->spent_picodollars() + charge.spent_picodollars);
  tally->set_at_risk_picodollars(tally->at_risk_picodollars() + charge.at_risk_picodollars);
  if (charge.spent_picodollars > intent.cost_max_picodollars()) tally->set_overbilled(tally->overbilled() + 1);
  tally->set_input_tokens(tally->input_tokens() + charge.input_tokens);
  tally->set_output_tokens(tally->output_tokens() + charge.output_tokens);
  TeacherDay& day = group.state().days.edit_or_create({intent.budget_day(), intent.teacher()});
  day.spent_picodollars += charge.spent_picodollars;
  day.at_risk_picodollars += charge.at_risk_picodollars;
  day.input_tokens += charge.input_tokens;
  day.output_tokens += charge.output_tokens;
  TenantDay& tenant = group.state().tenant_days.edit_or_create({intent.budget_day(), record->tenant()});
  tenant.spent_picodollars += charge.spent_picodollars;
  tenant.at_risk_picodollars += charge.at_risk_picodollars;
}

const Stamp& stamp_of(const std::shared_ptr<const Stamp>& stamp) {
  static const Stamp kNone;
  return stamp != nullptr ? *stamp : kNone;
}

uint64_t put_answer(Group& group, const Stamp& stamp, const v1::Answer& answer) {
  const uint64_t number = group.state().meta.edit(keys::kMeta)->next_answer++;
  group.put(Family::kAnswer, keys::answer(number), stamp.answer, answer);
  return number;
}

void put_lost(Group& group, const v1::Intent& intent, int64_t found_at_us) {
  const std::string row = rocksdb::Slice(Key().i64(found_at_us)).ToString() + intent.SerializeAsString();
  group.put(Family::kDefault, keys::lost(intent.id()), rocksdb::Slice(row));
}

void count_end(Group& group, uint64_t job, Fate fate, uint32_t unasked, int64_t at_us) {
  v1::JobCounters* tally = group.state().tallies.edit(job);
  assert(tally != nullptr);
  switch (fate) {
    case Fate::kAnswered:
      tally->set_answered(tally->answered() + 1);
      break;
    case Fate::kRefused:
      tally->set_refused(tally->refused() + 1);
      break;
    case Fate::kRejected:
      tally->set_rejected(tally->rejected() + 1);
      break;
    case Fate::kQuarantined:
      tally->set_quarantined(tally->quarantined() + 1);
      break;
  }
  count_unasked(group, job, unasked, at_us);
}

void count_unasked(Group& group, uint64_t job, uint32_t unasked, int64_t at_us) {
  v1::JobCounters* tally = group.state().tallies.edit(job);
  const v1::JobRecord* record = group.state().jobs.find(job);
  assert(tally != nullptr && record != nullptr);
  tally->set_unasked(tally->unasked() + unasked);
  // Invariant: no query ends twice.
  assert(ended(*tally) <= tally->queries());
  if (record->state() == v1::CANCELLED) {
    // It was in flight when the job was cancelled.
    tally->set_cancelled(tally->queries() - ended(*tally));
  } else if (ended(*tally) == tally->queries()) {
    v1::JobRecord* finished = group.state().jobs.edit(job);
    finished->set_state(v1::FINISHED);
    finished->clear_reason();
    finished->set_finished_at_us(at_us);
  }
}

}  // namespace harvest::store

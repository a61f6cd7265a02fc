#include <algorithm>
#include <cassert>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/corpus/log_entry.h"
#include "storage/store/booking.h"
#include "storage/store/changes.h"
#include "storage/store/prompt_blocks.h"

namespace harvest::store {
namespace {

v1::DatasetRecord& dataset_of(Group& group, const std::string& name, const std::string& tenant, const v1::Pair& pair) {
  State& state = group.state();
  if (v1::DatasetRecord* dataset = state.datasets.edit(name)) return *dataset;
  v1::DatasetRecord& dataset = state.datasets.create(name);
  dataset.set_name(name);
  dataset.set_tenant(tenant);
  Meta* meta = state.meta.edit(keys::kMeta);
  dataset.set_number(meta->next_dataset++);
  dataset.set_created_at_us(pair.stored_at_us());
  return dataset;
}

/// Who answered, for whom and under which rights: what an import may not change from one chunk to the next.
bool is_same_import(const v1::JobRecord& known, const v1::JobRecord& now) {
  const auto stated = [](const v1::JobRecord& record) {
    v1::JobRecord alone;
    alone.set_tenant(record.tenant());
    alone.mutable_job()->set_dataset(record.job().dataset());
    *alone.mutable_job()->mutable_use() = record.job().use();
    *alone.mutable_pinned_teachers() = record.pinned_teachers();
    return alone.SerializeAsString();
  };
  return stated(known) == stated(now);
}

/// The licence under which the teacher answered this job: as the job pinned its teachers, else as they are now.
std::string licence_of(const State& state, uint64_t job, const v1::Pair& pair) {
  if (!pair.licence().empty()) return pair.licence();
  if (const v1::JobRecord* record = state.jobs.find(job); record != nullptr)
    for (const v1::Teacher& teacher : record->pinned_teachers())
      if (teacher.name() == pair.teacher()) return teacher.rights().licence();
  const TeacherState* teacher = state.teachers.find(pair.teacher());
  return teacher != nullptr ? teacher->teacher.rights().licence() : "";
}

/// The pair and its entry in the log; its sequence number. `stamp`: what the pair does not say itself.
uint64_t append(Group& group, v1::DatasetRecord& dataset, const Stamp* stamp, uint64_t job, v1::Pair& pair,
                uint64_t raw_bytes) {
  const uint64_t sequence = dataset.pairs();
  const std::string licence =
      stamp != nullptr && pair.licence().empty() ? stamp->licence : licence_of(group.state(), job, pair);
  pair.set_log_index(static_cast<int64_t>(group.log(corpus::record_entry(
      pair.commit(), licence, pair.record_id(), stamp != nullptr ? stamp->teacher : pair.teacher()))));
  group.put(Family::kPair, keys::pair(dataset.number(), sequence), stamp != nullptr ? stamp->pair : "", pair);
  if (dataset.closed() == sequence) dataset.set_open_since_us(pair.stored_at_us());
  dataset.set_pairs(sequence + 1);
  dataset.set_open_bytes(dataset.open_bytes() + raw_bytes);
  return sequence;
}

}  // namespace

absl::Status apply(Group& group, Settle& change, Applied& applied) {
  const v1::Intent& intent = change.intent;
  assert(!change.samples.empty() && change.samples.size() <= queries_of(intent));
  State& state = group.state();
  group.close_intent(intent);
  book(group, intent, change.charge);
  if (change.late) put_lost(group, *change.late, change.answer.completed_at_us());

  state.meta.edit(keys::kMeta)->crashes_in_a_row = 0;
  if (const TeacherState* teacher = state.teachers.find(intent.teacher()); teacher != nullptr && !teacher->has_answered)
    state.teachers.edit(intent.teacher())->has_answered = true;
  const Stamp& stamp = stamp_of(change.stamp);
  const std::string& tenant = change.stamp != nullptr ? stamp.tenant : change.answer.tenant();
  applied.number = put_answer(group, stamp, change.answer);

  v1::DatasetRecord& dataset = dataset_of(group, change.dataset, tenant, change.samples.front().pair);
  applied.sequence = dataset.pairs();
  uint64_t raw_bytes = change.answer.raw().size();  // paid for once, counted once
  QueryKey query = query_of(intent);
  for (Settled& sample : change.samples) {
    sample.pair.set_answer(applied.number);
    append(group, dataset, change.stamp.get(), intent.job_number(), sample.pair, std::exchange(raw_bytes, 0));
    if (sample.reusable) {
      const Key known = Key().u64(applied.number).u32(sample.pair.choice()).u32(change.answer.raw().size());
      group.put(Family::kIndex, keys::identity(tenant, sample.identity), rocksdb::Slice(known));
    }
    v1::JobCounters* tally = state.tallies.edit(intent.job_number());
    tally->set_truncated(tally->truncated() + sample.truncated);
    tally->set_empty(tally->empty() + sample.empty);
    tally->set_duplicates(tally->duplicates() + sample.duplicate);
    put_next_turn(group, query, sample.onward);
    ++query.ordinal;
    count_end(group, intent.job_number(), sample.pair.refused() ? Fate::kRefused : Fate::kAnswered,
              sample.onward.unasked, change.answer.completed_at_us());
  }
  const auto settled = static_cast<uint32_t>(change.samples.size());
  if (const uint32_t unanswered = queries_of(intent) - settled; unanswered > 0) {
    change.rest.set_ordinal(intent.ordinal() + settled);
    put_rows(group, intent.job_number(), intent.stream(), change.rest, unanswered);
  }
  return absl::OkStatus();
}

absl::Status apply(Group& group, Reuse& change, Applied& applied) {
  absl::Status left = leave(group, change.from);
  if (!left.ok()) return left;
  v1::DatasetRecord& dataset = dataset_of(group, change.dataset, change.pair.tenant(), change.pair);
  applied.number = change.pair.answer();
  applied.sequence = append(group, dataset, nullptr, change.from.job, change.pair, change.raw_bytes);
  v1::JobCounters* tally = group.state().tallies.edit(change.from.job);
  assert(tally != nullptr);
  tally->set_reused(tally->reused() + 1);
  tally->set_saved_picodollars(tally->saved_picodollars() + change.saved_picodollars);
  group.must_sync();
  put_next_turn(group, query_of(change.from), change.onward);
  count_end(group, change.from.job, change.pair.refused() ? Fate::kRefused : Fate::kAnswered, change.onward.unasked,
            change.pair.stored_at_us());
  return absl::OkStatus();
}

absl::Status apply(Group& group, ImportPairs& change, Applied& applied) {
  State& state = group.state();
  const std::string& submission = change.record.submission_id();
  assert(!submission.empty() && !change.made.empty());
  const uint64_t* const known = state.submissions.find(submission);
  const uint64_t held = known != nullptr ? state.tallies.find(*known)->prompts() : 0;
  const uint64_t end = change.first + change.made.size();
  applied.count = std::min<uint64_t>(held - std::min(held, change.first), change.made.size());
  if (known != nullptr && state.jobs.find(*known)->state() != v1::FINISHED)
    return absl::AlreadyExistsError(absl::StrCat("submission ", submission, " is a job that asks, and no import"));
  // Here, and not before: two streams of one id may come at once, one with rights and one without.
  if (known != nullptr && !is_same_import(*state.jobs.find(*known), change.record))
    return absl::AlreadyExistsError("submission_id: found one of another import, expected one of its own");
  const v1::DatasetRecord* const fed = state.datasets.find(change.record.job().dataset());
  if (fed != nullptr && fed->tenant() != change.record.tenant())
    return absl::PermissionDeniedError(absl::StrCat("dataset: found ", change.record.job().dataset(),
                                                    ", which is another tenant's, expected a name of your own"));
  if (change.first > held)
    return absl::FailedPreconditionError(
        absl::StrCat("the import holds ", held, " prompts: the next chunk starts there, not at ", change.first));
  if (known != nullptr) applied.number = *known;
  if (end <= held) return absl::OkStatus();
  std::vector<std::tuple<uint64_t, std::string_view>> blocks;
  absl::Status cut =
      cut_prompt_block(change.block, change.made.size(), held - change.first,
                       [&](uint64_t first, uint64_t, std::string_view bytes) { blocks.emplace_back(first, bytes); });
  if (!cut.ok()) return cut;

  if (known == nullptr) {
    const auto created = create_job(group, change.record, v1::FINISHED);
    if (!created.ok()) return created.status();
    applied.number = *created;
  }
  const v1::JobRecord& job = *state.jobs.find(applied.number);
  for (const auto& [first, bytes] : blocks)
    group.put(Family::kPrompt, keys::prompts(applied.number, change.first + first),
              rocksdb::Slice(bytes.data(), bytes.size()));
  v1::JobCounters& tally = *state.tallies.edit(applied.number);
  tally.set_prompts(end);
  for (uint64_t i = applied.count; i < change.made.size(); ++i) {
    auto& [answer, pair] = change.made[i];
    answer.set_job(job.id());
    pair.set_answer(put_answer(group, stamp_of(nullptr), answer));
    pair.set_job_number(applied.number);
    v1::DatasetRecord& dataset = dataset_of(group, job.job().dataset(), job.tenant(), pair);
    const uint64_t sequence = append(group, dataset, nullptr, applied.number, pair, answer.raw().size());
    if (i == applied.count) applied.sequence = sequence;
    tally.set_queries(tally.queries() + 1);
    pair.refused() ? tally.set_refused(tally.refused() + 1) : tally.set_answered(tally.answered() + 1);
  }
  group.must_sync();
  return absl::OkStatus();
}

}  // namespace harvest::store

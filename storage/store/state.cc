#include "storage/store/state.h"

#include <algorithm>
#include <cassert>

#include "absl/strings/str_cat.h"
#include "storage/store/database.h"
#include "storage/store/log_rows.h"

namespace harvest::store {
namespace {

template <typename Message>
absl::Status parse(const rocksdb::Iterator& row, Message& message) {
  if (message.ParseFromArray(row.value().data(), static_cast<int>(row.value().size()))) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the store's row under key ", row.key().ToString(true), " cannot be read as ",
                                          message.GetTypeName()));
}

PlanKey read_plan_key(KeyReader& key) {
  const std::string_view rest = key.rest();
  PlanKey plan;
  constexpr size_t kDigests = sizeof plan.prompts + sizeof plan.job;
  assert(rest.size() >= 2 + kDigests);
  plan.tenant = rest.substr(2, rest.size() - 2 - kDigests);
  std::copy_n(rest.end() - kDigests, sizeof plan.prompts, plan.prompts.begin());
  std::copy_n(rest.end() - sizeof plan.job, sizeof plan.job, plan.job.begin());
  return plan;
}

absl::Status load_row(State& state, const rocksdb::Iterator& row) {
  KeyReader key(row.key());
  const char tag = static_cast<char>(key.u8());
  switch (tag) {
    case keys::kMeta:
      state.meta.load(keys::kMeta, Meta::decode({row.value().data(), row.value().size()}));
      return absl::OkStatus();
    case keys::kJob: {
      v1::JobRecord job;
      absl::Status status = parse(row, job);
      state.job_ids.load(job.id(), job.number());
      if (!job.submission_id().empty()) state.submissions.load(job.submission_id(), job.number());
      state.jobs.load(key.u64(), std::move(job));
      return status;
    }
    case keys::kTally: {
      v1::JobCounters tally;
      absl::Status status = parse(row, tally);
      state.tallies.load(key.u64(), std::move(tally));
      return status;
    }
    case keys::kStream: {
      v1::Stream stream;
      absl::Status status = parse(row, stream);
      const uint64_t job = key.u64();
      state.streams.load({job, key.u32()}, std::move(stream));
      return status;
    }
    case keys::kWaits: {
      v1::WaitBook waits;
      absl::Status status = parse(row, waits);
      state.waits.load(key.u64(), std::move(waits));
      return status;
    }
    case keys::kPlan: {
      v1::Plan plan;
      absl::Status status = parse(row, plan);
      state.plans.load(read_plan_key(key), std::move(plan));
      return status;
    }
    case keys::kIntent: {
      const uint64_t job = key.u64();
      const uint32_t stream = key.u32();
      state.open_intents.insert({job, stream, key.u64()});
      return absl::OkStatus();
    }
    case keys::kTeacher: {
      v1::TeacherStatus stored;
      absl::Status status = parse(row, stored);
      state.teachers.load(std::string(key.rest()), from_message(stored));
      return status;
    }
    case keys::kDrift: {
      v1::DriftBook drift;
      absl::Status status = parse(row, drift);
      state.drifts.load(std::string(key.rest()), std::move(drift));
      return status;
    }
    case keys::kAlert: {
      v1::RightsAlert alert;
      absl::Status status = parse(row, alert);
      state.alerts.load(key.u64(), std::move(alert));
      return status;
    }
    case keys::kBatch: {
      v1::Batch batch;
      absl::Status status = parse(row, batch);
      state.batches.load(key.u64(), std::move(batch));
      return status;
    }
    case keys::kDay: {
      const uint32_t day = key.u32();
      KeyReader value(row.value());
      TeacherDay figures;
      figures.requests = value.u64();
      figures.spent_picodollars = value.i64();
      figures.at_risk_picodollars = value.i64();
      if (!value.empty()) {  // rows of before tokens were counted end here
        figures.input_tokens = value.i64();
        figures.output_tokens = value.i64();
      }
      if (!value.empty()) {
        figures.requests_before = value.u64();
        figures.last_request_us = value.i64();
      }
      state.days.load({day, std::string(key.rest())}, figures);
      return absl::OkStatus();
    }
    case keys::kTenantDay: {
      const uint32_t day = key.u32();
      KeyReader value(row.value());
      TenantDay figures;
      figures.spent_picodollars = value.i64();
      figures.at_risk_picodollars = value.i64();
      state.tenant_days.load({day, std::string(key.rest())}, figures);
      return absl::OkStatus();
    }
    case keys::kDataset: {
      v1::DatasetRecord dataset;
      absl::Status status = parse(row, dataset);
      std::string name = dataset.name();
      state.datasets.load(name, std::move(dataset));
      return status;
    }
    case keys::kCheckpoint: {
      KeyReader value(row.value());
      Checkpoint kept;
      kept.size = value.u64();
      kept.note = value.rest();
      state.checkpoint.load(keys::kCheckpoint, std::move(kept));
      return absl::OkStatus();
    }
    default:
      return absl::DataLossError(
          absl::StrCat("the store has a row of an unknown kind, key ", row.key().ToString(true)));
  }
}

}  // namespace

v1::TeacherStatus to_message(const TeacherState& teacher) {
  v1::TeacherStatus row;
  *row.mutable_teacher() = teacher.teacher;
  row.set_halted(teacher.halted);
  row.set_halt_reason(teacher.halt_reason);
  row.set_halted_until_us(teacher.halted_until_us);
  row.set_paused(teacher.paused);
  row.set_pause_reason(teacher.pause_reason);
  row.mutable_imported_prices()->Add(teacher.imported_prices.begin(), teacher.imported_prices.end());
  if (teacher.verification.at_us() > 0) *row.mutable_verification() = teacher.verification;
  row.set_has_answered(teacher.has_answered);
  *row.mutable_found_limits() = teacher.found_limits;
  return row;
}

TeacherState from_message(const v1::TeacherStatus& row) {
  TeacherState teacher;
  teacher.teacher = row.teacher();
  teacher.halted = row.halted();
  teacher.halt_reason = row.halt_reason();
  teacher.halted_until_us = row.halted_until_us();
  teacher.paused = row.paused();
  teacher.pause_reason = row.pause_reason();
  teacher.imported_prices.assign(row.imported_prices().begin(), row.imported_prices().end());
  teacher.verification = row.verification();
  teacher.has_answered = row.has_answered();
  teacher.found_limits = row.found_limits();
  return teacher;
}

std::string Meta::encode() const {
  Key bytes;
  bytes.u64(next_job).u64(next_answer).u64(next_dataset).u64(crash_intents_total).u32(crashes_in_a_row);
  bytes.bytes(std::string{static_cast<char>(clean), static_cast<char>(halted)}).bytes(halt_reason);
  return rocksdb::Slice(bytes).ToString();
}

Meta Meta::decode(std::string_view bytes) {
  KeyReader reader(bytes);
  Meta meta;
  meta.next_job = reader.u64();
  meta.next_answer = reader.u64();
  meta.next_dataset = reader.u64();
  meta.crash_intents_total = reader.u64();
  meta.crashes_in_a_row = reader.u32();
  meta.clean = reader.u8() != 0;
  meta.halted = reader.u8() != 0;
  meta.halt_reason = reader.rest();
  return meta;
}

absl::Status State::load(Database& database) {
  meta.load(keys::kMeta, Meta{});
  // Rows that may be many (postponed, endings, segments, manifests) are stepped over: opening reads none of them.
  for (char tag :
       {keys::kMeta, keys::kJob, keys::kTally, keys::kStream, keys::kIntent, keys::kTeacher, keys::kAlert, keys::kBatch,
        keys::kDay, keys::kTenantDay, keys::kDataset, keys::kWaits, keys::kPlan, keys::kDrift, keys::kCheckpoint}) {
    const Key first(tag);
    const Key end(static_cast<char>(tag + 1));
    Database::Reader reader = database.read();
    Database::Rows rows = reader.range(Family::kDefault, first, end);
    for (; rows->Valid(); rows->Next()) {
      absl::Status status = load_row(*this, *rows);
      if (!status.ok()) return status;
    }
    if (!rows->status().ok()) return to_status(rows->status());
  }
  auto edge = LogRows(database).edge();
  if (!edge.ok()) return edge.status();
  log.load(keys::kEntry, *std::move(edge));
  return absl::OkStatus();
}

void State::publish() {
  std::lock_guard lock(mutex);
  meta.publish();
  jobs.publish();
  tallies.publish();
  streams.publish();
  waits.publish();
  plans.publish();
  job_ids.publish();
  submissions.publish();
  alerts.publish();
  batches.publish();
  days.publish();
  tenant_days.publish();
  teachers.publish();
  drifts.publish();
  datasets.publish();
  log.publish();
  checkpoint.publish();
}

void State::drop() {
  std::lock_guard lock(mutex);
  meta.drop();
  jobs.drop();
  tallies.drop();
  streams.drop();
  waits.drop();
  plans.drop();
  job_ids.drop();
  submissions.drop();
  alerts.drop();
  batches.drop();
  days.drop();
  tenant_days.drop();
  teachers.drop();
  drifts.drop();
  datasets.drop();
  log.drop();
  checkpoint.drop();
}

v1::JobRecord State::assemble(const v1::JobRecord& record) const {
  v1::JobRecord job = record;
  if (const v1::JobCounters* tally = tallies.committed(job.number())) *job.mutable_counters() = *tally;
  streams.each_committed_from({job.number(), 0}, [&](const StreamKey& key, const v1::Stream& stream) {
    if (key.first != job.number()) return false;
    *job.add_streams() = stream;
    return true;
  });
  return job;
}

}  // namespace harvest::store

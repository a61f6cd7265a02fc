#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "storage/store/impl.h"

namespace harvest::store {

std::vector<v1::JobRecord> Store::jobs() const {
  const State& state = impl_->state;
  std::lock_guard lock(state.mutex);
  std::vector<v1::JobRecord> jobs;
  state.jobs.each_committed([&](uint64_t, const v1::JobRecord& record) { jobs.push_back(state.assemble(record)); });
  return jobs;
}

absl::StatusOr<v1::JobRecord> Store::job(uint64_t number) const {
  const State& state = impl_->state;
  std::lock_guard lock(state.mutex);
  const v1::JobRecord* record = state.jobs.committed(number);
  if (record == nullptr) return absl::NotFoundError(absl::StrCat("there is no job number ", number));
  return state.assemble(*record);
}

absl::StatusOr<v1::JobRecord> Store::find_job(std::string_view id) const {
  const State& state = impl_->state;
  std::lock_guard lock(state.mutex);
  const uint64_t* number = state.job_ids.committed(std::string(id));
  if (number == nullptr) return absl::NotFoundError(absl::StrCat("there is no job ", std::string(id)));
  return state.assemble(*state.jobs.committed(*number));
}

absl::StatusOr<v1::JobRecord> Store::find_submission(std::string_view submission_id) const {
  const State& state = impl_->state;
  std::lock_guard lock(state.mutex);
  const uint64_t* number = state.submissions.committed(std::string(submission_id));
  if (number == nullptr)
    return absl::NotFoundError(absl::StrCat("there is no job of submission ", std::string(submission_id)));
  return state.assemble(*state.jobs.committed(*number));
}

v1::WaitBook Store::waits(uint64_t job) const {
  std::lock_guard lock(impl_->state.mutex);
  const v1::WaitBook* waits = impl_->state.waits.committed(job);
  return waits == nullptr ? v1::WaitBook() : *waits;
}

absl::StatusOr<v1::Plan> Store::plan(const PlanKey& key) const {
  std::lock_guard lock(impl_->state.mutex);
  const v1::Plan* plan = impl_->state.plans.committed(key);
  if (plan == nullptr) return absl::NotFoundError("no plan is kept for these prompts and this job");
  return *plan;
}

absl::StatusOr<std::vector<v1::Prompt>> Store::prompts(uint64_t job, uint64_t first, size_t count) const {
  uint64_t held = 0;
  {
    std::lock_guard lock(impl_->state.mutex);
    const v1::JobCounters* tally = impl_->state.tallies.committed(job);
    if (tally == nullptr) return absl::NotFoundError(absl::StrCat("there is no job number ", job));
    held = tally->prompts();
  }
  if (first >= held) return std::vector<v1::Prompt>();
  const size_t wanted = static_cast<size_t>(std::min<uint64_t>(count, held - first));
  auto prompts = impl_->prompts.read(job, first, wanted);
  if (prompts.ok() && prompts->size() != wanted) {
    return absl::DataLossError(absl::StrCat("job number ", job, " lacks its prompt ", first + prompts->size()));
  }
  return prompts;
}

std::vector<v1::Postponed> Store::postponed(uint64_t job, uint32_t stream, int64_t until_us, size_t limit,
                                            std::optional<std::pair<int64_t, uint64_t>> after) const {
  std::vector<v1::Postponed> rows;
  {
    // Most streams have none: they are told so without a seek over the graves of earlier rows.
    std::lock_guard lock(impl_->state.mutex);
    const v1::Stream* figures = impl_->state.streams.committed({job, stream});
    if (figures == nullptr || figures->postponed() == 0) return rows;
  }
  constexpr uint64_t kLast = std::numeric_limits<uint64_t>::max();
  Key first = keys::postponed(job, stream, std::numeric_limits<int64_t>::min(), 0);
  if (after)
    first = keys::postponed(job, stream, after->first, after->second).bytes({"\0", 1});  // the next key there is
  const Key end = keys::postponed(job, stream, until_us, kLast).bytes({"\0", 1});
  Database::Reader reader = impl_->database->read();
  Database::Rows found = reader.range(Family::kDefault, first, end);
  for (; found->Valid() && rows.size() < limit; found->Next()) {
    if (!rows.emplace_back().ParseFromArray(found->value().data(), static_cast<int>(found->value().size()))) {
      fail_read(rocksdb::Status::Corruption("not a Postponed"), "a postponed query");
    }
  }
  check_read(found->status(), "a postponed query");
  return rows;
}

std::optional<v1::Postponed> Store::undecided(uint64_t job, uint32_t stream, uint64_t ordinal) const {
  rocksdb::PinnableSlice bytes;
  const Key key = keys::postponed(job, stream, kUndecided, ordinal);
  const rocksdb::Status found = impl_->database->read().get(Family::kDefault, key, &bytes);
  if (found.IsNotFound()) return std::nullopt;
  check_read(found, "a sample that is not decided");
  std::optional<v1::Postponed> row(std::in_place);
  if (!row->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    fail_read(rocksdb::Status::Corruption("not a Postponed"), "a sample that is not decided");
  return row;
}

std::optional<int64_t> Store::next_due_us(uint64_t job, uint32_t stream) const {
  const auto first = postponed(job, stream, std::numeric_limits<int64_t>::max(), 1);
  if (first.empty()) return std::nullopt;
  return first.front().due_at_us();
}

std::vector<v1::Ending> Store::endings(uint64_t job, uint64_t skip, size_t limit) const {
  std::vector<v1::Ending> endings;
  Database::Reader reader = impl_->database->read();
  Database::Rows rows = reader.range(Family::kDefault, keys::ending({job, 0, 0}), keys::ending({job + 1, 0, 0}));
  for (; rows->Valid() && endings.size() < limit; rows->Next()) {
    if (skip > 0) {
      --skip;
      continue;
    }
    if (!endings.emplace_back().ParseFromArray(rows->value().data(), static_cast<int>(rows->value().size()))) {
      fail_read(rocksdb::Status::Corruption("not an Ending"), "an ending");
    }
  }
  check_read(rows->status(), "an ending");
  return endings;
}

}  // namespace harvest::store

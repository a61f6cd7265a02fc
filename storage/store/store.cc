#include "storage/store/store.h"

#include <cstdio>
#include <cstdlib>
#include <future>
#include <utility>

#include "storage/store/impl.h"
#include "storage/store/recovery.h"

namespace harvest::store {

void fail_read(const rocksdb::Status& status, const char* what) {
  std::fprintf(stderr, "store: %s cannot be read: %s\n", what, status.ToString().c_str());
  std::abort();
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

absl::StatusOr<std::unique_ptr<Store>> Store::open(const Options& options, int64_t utc_us) {
  auto database = Database::open(options);
  if (!database.ok()) return database.status();
  auto impl = std::make_unique<Impl>(*std::move(database));
  absl::Status loaded = impl->state.load(*impl->database);
  if (!loaded.ok()) return loaded;
  Group recovery(*impl->database, impl->state);
  absl::Status recovered = recover(recovery, utc_us, impl->report);
  if (!recovered.ok()) return recovered;
  impl->committer = std::make_unique<Committer>(*impl->database, impl->state, options.retry_every, options.written);
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Store::~Store() {
  // Also after close(): joins the store thread before the database goes.
  if (impl_->committer) impl_->committer->close().IgnoreError();
}

absl::Status Store::begin_serving() {
  if (impl_->report.crash_intents.empty()) return absl::OkStatus();
  return apply_and_wait(ForgetReport{impl_->report.crash_intents}).status();
}

absl::Status Store::close() {
  return end(true);
}
absl::Status Store::give_back() {
  return end(false);
}

absl::Status Store::end(bool served) {
  absl::Status ended = impl_->committer->close();
  if (impl_->closed || !ended.ok()) return ended;
  Group last(*impl_->database, impl_->state);
  absl::Status marked = served ? mark_clean(last) : mark_as_found(last, impl_->report);
  if (!marked.ok()) return marked;
  impl_->closed = true;
  return impl_->database->flush();
}

void Store::apply(Change&& change, Done done) {
  impl_->committer->push(std::move(change), std::move(done));
}

void Store::after_each_group(std::function<void()> listener) {
  impl_->committer->after_each_group(std::move(listener));
}

absl::StatusOr<Applied> Store::apply_and_wait(Change change) {
  std::promise<absl::StatusOr<Applied>> promise;
  apply(std::move(change), [&promise](const absl::Status& status, const Applied& applied) {
    if (status.ok())
      promise.set_value(applied);
    else
      promise.set_value(status);
  });
  return promise.get_future().get();
}

const StartReport& Store::start_report() const {
  return impl_->report;
}
size_t Store::stalled_changes() const {
  return impl_->committer->stalled();
}
absl::Status Store::health() const {
  return impl_->committer->health();
}

uint64_t Store::crash_intents_total() const {
  std::lock_guard lock(impl_->state.mutex);
  return impl_->state.meta.committed(keys::kMeta)->crash_intents_total;
}

bool Store::halted() const {
  std::lock_guard lock(impl_->state.mutex);
  return impl_->state.meta.committed(keys::kMeta)->halted;
}

std::string Store::halt_reason() const {
  std::lock_guard lock(impl_->state.mutex);
  return impl_->state.meta.committed(keys::kMeta)->halt_reason;
}

std::vector<TeacherState> Store::teachers() const {
  std::lock_guard lock(impl_->state.mutex);
  std::vector<TeacherState> teachers;
  impl_->state.teachers.each_committed([&](const std::string&, const TeacherState& row) { teachers.push_back(row); });
  return teachers;
}

v1::DriftBook Store::drift(const std::string& teacher) const {
  std::lock_guard lock(impl_->state.mutex);
  const v1::DriftBook* book = impl_->state.drifts.committed(teacher);
  return book == nullptr ? v1::DriftBook() : *book;
}

std::vector<v1::RightsAlert> Store::alerts() const {
  std::lock_guard lock(impl_->state.mutex);
  std::vector<v1::RightsAlert> alerts;
  impl_->state.alerts.each_committed([&](uint64_t, const v1::RightsAlert& row) { alerts.push_back(row); });
  return alerts;
}

std::vector<Store::DayOfTeacher> Store::teacher_days(uint32_t first, uint32_t last) const {
  std::lock_guard lock(impl_->state.mutex);
  std::vector<DayOfTeacher> days;
  impl_->state.days.each_committed_from({first, ""}, [&](const DayKey& key, const TeacherDay& figures) {
    if (key.first > last) return false;
    days.push_back({key.first, key.second, figures});
    return true;
  });
  return days;
}

TeacherDay Store::teacher_day(std::string_view teacher, uint32_t day) const {
  std::lock_guard lock(impl_->state.mutex);
  const TeacherDay* figures = impl_->state.days.committed({day, std::string(teacher)});
  return figures != nullptr ? *figures : TeacherDay{};
}

TenantDay Store::tenant_day(std::string_view tenant, uint32_t day) const {
  std::lock_guard lock(impl_->state.mutex);
  const TenantDay* figures = impl_->state.tenant_days.committed({day, std::string(tenant)});
  return figures != nullptr ? *figures : TenantDay{};
}

}  // namespace harvest::store

#include "storage/store/impl.h"

namespace harvest::store {

std::vector<v1::Batch> Store::batches() const {
  std::lock_guard lock(impl_->state.mutex);
  std::vector<v1::Batch> batches;
  impl_->state.batches.each_committed([&](uint64_t, const v1::Batch& batch) { batches.push_back(batch); });
  return batches;
}

std::vector<v1::Intent> Store::members(const v1::Batch& batch) const {
  std::vector<v1::Intent> members;
  Database::Reader reader = impl_->database->read();
  Database::Rows rows = reader.range(Family::kDefault, keys::intent({batch.job_number(), batch.stream(), 0}),
                                     keys::intent({batch.job_number(), batch.stream() + 1, 0}));
  v1::Intent intent;
  for (; rows->Valid(); rows->Next()) {
    if (!intent.ParseFromArray(rows->value().data(), static_cast<int>(rows->value().size())))
      fail_read(rocksdb::Status::Corruption("not an Intent"), "a member of a batch");
    if (intent.batch() == batch.number()) members.push_back(std::move(intent));
  }
  check_read(rows->status(), "a member of a batch");
  return members;
}

}  // namespace harvest::store

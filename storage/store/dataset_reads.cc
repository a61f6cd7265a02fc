#include "absl/strings/str_cat.h"
#include "storage/store/impl.h"

namespace harvest::store {

std::vector<v1::DatasetRecord> Store::datasets() const {
  std::lock_guard lock(impl_->state.mutex);
  std::vector<v1::DatasetRecord> datasets;
  impl_->state.datasets.each_committed(
      [&](const std::string&, const v1::DatasetRecord& row) { datasets.push_back(row); });
  return datasets;
}

absl::StatusOr<v1::DatasetRecord> Store::dataset(std::string_view name) const {
  std::lock_guard lock(impl_->state.mutex);
  const v1::DatasetRecord* row = impl_->state.datasets.committed(std::string(name));
  if (row == nullptr) return absl::NotFoundError(absl::StrCat("there is no dataset ", std::string(name)));
  return *row;
}

std::vector<v1::Segment> Store::segments(std::string_view dataset_name, uint64_t first_number) const {
  std::vector<v1::Segment> segments;
  const auto record = dataset(dataset_name);
  if (!record.ok()) return segments;
  Database::Reader reader = impl_->database->read();
  Database::Rows rows = reader.range(Family::kDefault, keys::segment(record->number(), first_number),
                                     keys::segment(record->number() + 1, 0));
  for (; rows->Valid(); rows->Next()) {
    if (!segments.emplace_back().ParseFromArray(rows->value().data(), static_cast<int>(rows->value().size()))) {
      fail_read(rocksdb::Status::Corruption("not a Segment"), "a segment");
    }
  }
  check_read(rows->status(), "a segment");
  return segments;
}

absl::StatusOr<std::string> Store::manifest(std::string_view dataset_name, uint64_t version) const {
  const auto record = dataset(dataset_name);
  if (!record.ok()) return record.status();
  rocksdb::PinnableSlice bytes;
  const rocksdb::Status found =
      impl_->database->read().get(Family::kDefault, keys::manifest(record->number(), version), &bytes);
  if (found.IsNotFound()) {
    return absl::NotFoundError(absl::StrCat("dataset ", std::string(dataset_name), " has no version ", version));
  }
  if (!found.ok()) return to_status(found);
  return bytes.ToString();
}

}  // namespace harvest::store

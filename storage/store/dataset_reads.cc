#include "absl/strings/str_cat.h"
#include "storage/store/impl.h"

namespace harvest::store {

const v1::ViewRecord* view_of(const v1::DatasetRecord& dataset, std::string_view name) {
  for (const v1::ViewRecord& view : dataset.views())
    if (view.view().name() == name) return &view;
  return nullptr;
}

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

namespace {

template <typename Row>
std::vector<Row> rows_between(const Database& database, const Key& first, const Key& end, const char* what) {
  std::vector<Row> rows;
  Database::Reader reader = database.read();
  Database::Rows found = reader.range(Family::kDefault, first, end);
  for (; found->Valid(); found->Next())
    if (!rows.emplace_back().ParseFromArray(found->value().data(), static_cast<int>(found->value().size())))
      fail_read(rocksdb::Status::Corruption("not what was written"), what);
  check_read(found->status(), what);
  return rows;
}

}  // namespace

std::vector<v1::Segment> Store::segments(std::string_view dataset_name, uint64_t first_number) const {
  const auto record = dataset(dataset_name);
  if (!record.ok()) return {};
  return rows_between<v1::Segment>(*impl_->database, keys::segment(record->number(), first_number),
                                   keys::segment(record->number() + 1, 0), "a segment");
}

std::vector<v1::Cut> Store::cuts(std::string_view dataset_name, std::string_view view_name) const {
  const auto record = dataset(dataset_name);
  if (!record.ok()) return {};
  const v1::ViewRecord* view = view_of(*record, view_name);
  if (view == nullptr) return {};
  return rows_between<v1::Cut>(*impl_->database, keys::cut(record->number(), view->number(), 0),
                               keys::cut(record->number(), view->number() + 1, 0), "a cut");
}

absl::StatusOr<std::string> Store::manifest(std::string_view dataset_name, std::string_view view_name,
                                            uint64_t version) const {
  const auto record = dataset(dataset_name);
  if (!record.ok()) return record.status();
  const v1::ViewRecord* view = view_of(*record, view_name);
  if (view == nullptr)
    return absl::NotFoundError(
        absl::StrCat("dataset ", std::string(dataset_name), " has no view ", std::string(view_name)));
  rocksdb::PinnableSlice bytes;
  const rocksdb::Status found =
      impl_->database->read().get(Family::kDefault, keys::manifest(record->number(), view->number(), version), &bytes);
  if (found.IsNotFound()) {
    return absl::NotFoundError(absl::StrCat("dataset ", std::string(dataset_name), " has no version ", version,
                                            " of view ", std::string(view_name)));
  }
  if (!found.ok()) return to_status(found);
  return bytes.ToString();
}

}  // namespace harvest::store

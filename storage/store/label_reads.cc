#include <map>

#include "storage/store/impl.h"

namespace harvest::store {
namespace {

v1::PairLabels read_labels(rocksdb::Slice row) {
  v1::PairLabels labels;
  if (!labels.ParseFromArray(row.data(), static_cast<int>(row.size())))
    fail_read(rocksdb::Status::Corruption("not PairLabels"), "labels");
  return labels;
}

/// Each row between two keys of one kind, with its pair's sequence number.
template <typename Visit>
void each_labels(Database::Reader& reader, const Key& first, const Key& end, const Visit& visit) {
  Database::Rows rows = reader.range(Family::kDefault, first, end);
  for (; rows->Valid(); rows->Next()) {
    KeyReader key(rows->key());
    key.u8();
    key.u64();
    visit(key.u64(), read_labels(rows->value()));
  }
  check_read(rows->status(), "labels");
}

}  // namespace

std::vector<Store::SequencedLabels> Store::labels(uint64_t dataset, uint64_t first, uint64_t limit) const {
  std::map<uint64_t, SequencedLabels> found;
  Database::Reader reader = impl_->database->read();
  each_labels(reader, keys::labels(dataset, first), keys::labels(dataset, first + limit),
              [&](uint64_t sequence, v1::PairLabels labels) {
                found[sequence] = {sequence, true, std::move(labels)};
              });
  each_labels(reader, keys::imported_labels(dataset, first), keys::imported_labels(dataset, first + limit),
              [&](uint64_t sequence, const v1::PairLabels& labels) {
                SequencedLabels& all = found[sequence];
                all.sequence = sequence;
                all.labels.MergeFrom(labels);
              });
  std::vector<SequencedLabels> rows;
  rows.reserve(found.size());
  for (auto& [sequence, labels] : found) rows.push_back(std::move(labels));
  return rows;
}

v1::PairLabels Store::imported_labels(uint64_t dataset, uint64_t sequence) const {
  v1::PairLabels imported;
  Database::Reader reader = impl_->database->read();
  each_labels(reader, keys::imported_labels(dataset, sequence), keys::imported_labels(dataset, sequence + 1),
              [&](uint64_t, v1::PairLabels labels) { imported = std::move(labels); });
  return imported;
}

Store::LabelCursor Store::label_cursor(uint64_t dataset) const {
  LabelCursor cursor;
  std::lock_guard lock(impl_->state.mutex);
  impl_->state.datasets.each_committed([&](const std::string&, const v1::DatasetRecord& row) {
    if (row.number() == dataset) cursor = {row.label_rules(), row.labelled()};
  });
  return cursor;
}

}  // namespace harvest::store

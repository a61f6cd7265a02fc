#include "storage/store/impl.h"

namespace harvest::store {
namespace {

/// `read(index, row)` for each of the keys that has a row.
template <typename Read>
void each_near(const Database& database, const std::vector<Key>& keys, const Read& read) {
  if (keys.empty()) return;
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> rows(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  Database::Reader reader = database.read();
  reader->MultiGet(rocksdb::ReadOptions(), reader.family(Family::kNear), slices.size(), slices.data(), rows.data(),
                   statuses.data());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    check_read(statuses[i], "the index of near-duplicates");
    read(i, KeyReader(rows[i]));
  }
}

}  // namespace

std::vector<std::vector<uint64_t>> Store::near_bands(uint64_t dataset, const std::vector<uint64_t>& bands) const {
  std::vector<Key> keys;
  keys.reserve(bands.size());
  for (const uint64_t band : bands) keys.push_back(keys::near_band(dataset, band));
  std::vector<std::vector<uint64_t>> heads(bands.size());
  each_near(*impl_->database, keys, [&](size_t i, KeyReader row) {
    while (!row.empty()) heads[i].push_back(row.u64());
  });
  return heads;
}

std::vector<NearHead> Store::near_heads(uint64_t dataset, const std::vector<uint64_t>& sequences) const {
  std::vector<Key> keys;
  keys.reserve(sequences.size());
  for (const uint64_t sequence : sequences) keys.push_back(keys::near_head(dataset, sequence));
  std::vector<NearHead> heads;
  each_near(*impl_->database, keys, [&](size_t i, KeyReader row) {
    NearHead& head = heads.emplace_back();
    head.sequence = sequences[i];
    head.record_id = std::string(row.bytes(row.u16()));
    head.signature = std::string(row.rest());
  });
  return heads;
}

}  // namespace harvest::store

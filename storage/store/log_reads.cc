#include "storage/store/impl.h"
#include "storage/store/log_rows.h"

namespace harvest::store {

proof::RightEdge Store::log() const {
  std::lock_guard lock(impl_->state.mutex);
  return *impl_->state.log.committed(keys::kEntry);
}

absl::StatusOr<std::vector<std::string>> Store::log_entries(uint64_t first, uint64_t count) const {
  const uint64_t size = log().size();
  if (first > size || count > size - first)
    return absl::OutOfRangeError("the log has " + std::to_string(size) + " entries: found " + std::to_string(count) +
                                 " from " + std::to_string(first) + " on");
  return LogRows(*impl_->database).entries(first, count);
}

absl::StatusOr<std::vector<std::string>> Store::log_tiles(std::span<const proof::Tile> tiles) const {
  return LogRows(*impl_->database).read(tiles);
}

std::string Store::checkpoint() const {
  std::lock_guard lock(impl_->state.mutex);
  const Checkpoint* kept = impl_->state.checkpoint.committed(keys::kCheckpoint);
  return kept == nullptr ? "" : kept->note;
}

std::string Store::logged_command(uint64_t index) const {
  rocksdb::PinnableSlice row;
  const rocksdb::Status found = impl_->database->read().get(Family::kDefault, keys::command(index), &row);
  if (found.IsNotFound()) return "";
  check_read(found, "a logged command");
  constexpr size_t kSaltBytes = 32;
  return row.size() < kSaltBytes ? "" : std::string(row.data() + kSaltBytes, row.size() - kSaltBytes);
}

absl::StatusOr<std::vector<proof::Hash>> Store::log_inclusion(uint64_t index, uint64_t size) const {
  const LogRows rows(*impl_->database);
  return proof::inclusion_proof(index, size, proof::TiledHashes(size, rows));
}

absl::StatusOr<std::vector<proof::Hash>> Store::log_consistency(uint64_t old_size, uint64_t size) const {
  const LogRows rows(*impl_->database);
  return proof::consistency_proof(old_size, size, proof::TiledHashes(size, rows));
}

}  // namespace harvest::store

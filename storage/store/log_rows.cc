#include "storage/store/log_rows.h"

#include "absl/strings/str_cat.h"
#include "storage/store/keys.h"

namespace harvest::store {
namespace {

absl::Status missing_row(absl::string_view what, uint64_t index) {
  return absl::DataLossError(absl::StrCat("the store's log has no ", what, " ", index));
}

/// `visit(value)` for each of `count` rows from `first` on, each of which must be there.
template <typename Visit>
absl::Status each_row(const Database& database, const Key& first, const Key& end, uint64_t begin, uint64_t count,
                      absl::string_view what, Visit&& visit) {
  Database::Reader reader = database.read();
  Database::Rows rows = reader.range(Family::kDefault, first, end);
  for (uint64_t i = 0; i < count; ++i, rows->Next()) {
    if (!rows->Valid()) return rows->status().ok() ? missing_row(what, begin + i) : to_status(rows->status());
    rocksdb::Slice key = rows->key();
    key.remove_prefix(key.size() - sizeof(uint64_t));
    if (KeyReader(key).u64() != begin + i) return missing_row(what, begin + i);
    visit(std::string_view(rows->value().data(), rows->value().size()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> LogRows::entries(uint64_t first, uint64_t count) const {
  std::vector<std::string> entries;
  const absl::Status read = each_row(database_, keys::entry(first), keys::entry(first + count), first, count, "entry",
                                     [&](std::string_view entry) { entries.emplace_back(entry); });
  if (!read.ok()) return read;
  return entries;
}

absl::StatusOr<std::string> LogRows::leaves(const proof::Tile& tile) const {
  std::string bytes;
  const uint64_t first = tile.index * proof::kTileWidth;
  const absl::Status read =
      each_row(database_, keys::entry(first), keys::entry(first + tile.width), first, tile.width, "entry",
               [&](std::string_view entry) { bytes += proof::bytes_of(proof::leaf_hash(entry)); });
  if (!read.ok()) return read;
  return bytes;
}

absl::StatusOr<std::string> LogRows::hashes(const proof::Tile& tile) const {
  std::string bytes;
  const auto level = static_cast<uint8_t>(tile.level);
  const uint64_t first = tile.index * proof::kTileWidth;
  const absl::Status read =
      each_row(database_, keys::tile_hash(level, first), keys::tile_hash(level, first + tile.width), first, tile.width,
               absl::StrCat("hash of level ", tile.level), [&](std::string_view hash) { bytes += hash; });
  if (!read.ok()) return read;
  return bytes;
}

absl::StatusOr<std::vector<std::string>> LogRows::read(std::span<const proof::Tile> tiles) const {
  std::vector<std::string> read;
  for (const proof::Tile& tile : tiles) {
    auto bytes = tile.level == 0 ? leaves(tile) : hashes(tile);
    if (!bytes.ok()) return bytes.status();
    read.push_back(*std::move(bytes));
  }
  return read;
}

absl::StatusOr<proof::RightEdge> LogRows::edge() const {
  uint64_t size = 0;
  {
    Database::Reader reader = database_.read();
    Database::Rows rows = reader.range(Family::kDefault, Key(keys::kEntry), Key(keys::kEntry + 1));
    rows->SeekToLast();
    if (!rows->status().ok()) return to_status(rows->status());
    if (rows->Valid() && rows->key().starts_with(rocksdb::Slice(&keys::kEntry, 1))) {
      KeyReader key(rows->key());
      key.u8();
      size = key.u64() + 1;
    }
  }
  return proof::RightEdge::load(size, proof::TiledHashes(size, *this));
}

}  // namespace harvest::store

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message_lite.h"
#include "rocksdb/write_batch.h"
#include "storage/store/database.h"
#include "storage/store/keys.h"
#include "storage/store/state.h"

namespace harvest::store {

/// Changes on their way to the disk together: one batch, one fsync, all or nothing.
///
///   group.begin();
///   apply(group, change, applied);   // changes.h: rows into the batch, figures into the staged tables
///   status = group.write();          // then the tables are published, or forgotten with the batch
///
/// Each table row that was touched is written once, as it is at the end. Store thread only.
class Group {
 public:
  Group(Database& database, State& state) : database_(database), state_(state) {}

  void begin();
  State& state() { return state_; }
  Database& database() { return database_; }

  void put(Family family, const Key& key, const google::protobuf::MessageLite& row);
  /// `stamp`: serialized fields that the row's own are merged over.
  void put(Family family, const Key& key, std::string_view stamp, const google::protobuf::MessageLite& row);
  void put(Family family, const Key& key, rocksdb::Slice row);
  void remove(Family family, const Key& key);
  void remove_range(Family family, const Key& first, const Key& end);
  /// Appends to the log, in the same batch and under the same fsync as what the entry speaks of; its index. For changes
  /// that cannot fail any more.
  uint64_t log(std::string_view entry);
  /// This group holds something that is acknowledged as durable.
  void must_sync() { sync_ = true; }

  void open_intent(const v1::Intent& intent);   ///< asserts that the query has none
  void close_intent(const v1::Intent& intent);  ///< asserts that it has one
  void put_postponed(uint64_t job, uint32_t stream, const v1::Postponed& row);
  void remove_postponed(const Place& place);  ///< asserts that it is there
  /// The row as it stands on disk; none where there is none, or where this group took it away or put it.
  absl::StatusOr<std::optional<v1::Postponed>> find_postponed(const Place& place) const;

  size_t bytes() const { return batch_.GetDataSize(); }
  absl::Status write();

 private:
  void write_tables();
  void undo();

  Database& database_;
  State& state_;
  rocksdb::WriteBatch batch_;
  std::string buffer_;  // of the row being serialized; kept for its capacity
  std::string packed_;  // likewise
  bool sync_ = false;
  uint64_t number_ = 0;
  std::vector<QueryKey> opened_, closed_;             // to undo
  absl::flat_hash_map<std::string, bool> postponed_;  // key → there, as this group leaves it
};

}  // namespace harvest::store

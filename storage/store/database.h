#pragma once

#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "storage/store/database_options.h"

namespace harvest::store {

/// RESOURCE_EXHAUSTED for a full disk, UNAVAILABLE for any other I/O error, DATA_LOSS for corruption, NOT_FOUND.
absl::Status to_status(const rocksdb::Status& status);

/// The RocksDB instance: found or made, held alone, and brought back after an I/O error while the process lives.
///
/// A failed log write leaves RocksDB refusing writes. DB::Resume() is not used: in 7.8.3 it does not start a new log
/// where the memtables are empty, and the next write into the failed log trips an assertion inside the library (seen on
/// a full disk). heal() waits until a probe file of a memtable's size fits, closes the instance and opens it again. The
/// log may then hold the failed group whole, though its changes were refused or will be written once more: so every
/// group carries its number in the log, and the replay leaves out the groups that failed.
///
/// write() and heal(): the store thread. read(): any thread; heal() waits for readers, and readers for it.
class Database {
 public:
  /// FAILED_PRECONDITION: held by another process (named), or written by a newer schema (then nothing was touched).
  static absl::StatusOr<std::unique_ptr<Database>> open(const Options& options);
  ~Database();

  /// For building batches: valid until heal().
  rocksdb::ColumnFamilyHandle* family(Family family) const { return families_[static_cast<size_t>(family)].get(); }
  /// Starts a group: puts its number, used once in the life of this object, into the log part of the batch.
  uint64_t name_group(rocksdb::WriteBatch& batch);
  absl::Status write(rocksdb::WriteBatch& batch, uint64_t group, bool sync);
  /// Ok: writes may be tried again.
  absl::Status heal();
  /// Writes memtables out, so that the next open has no log to replay.
  absl::Status flush();

  struct Rows {
    // The iterator refers to its bound.
    std::unique_ptr<std::string> end;
    std::unique_ptr<rocksdb::Slice> end_slice;
    std::unique_ptr<rocksdb::Iterator> iterator;
    rocksdb::Iterator* operator->() const { return iterator.get(); }
    rocksdb::Iterator& operator*() const { return *iterator; }
  };
  /// Holds the instance open while it lives: keep it short.
  class Reader {
   public:
    explicit Reader(const Database& database);
    rocksdb::Status get(Family family, rocksdb::Slice key, rocksdb::PinnableSlice* value) const;
    /// Rows in [first, end), at the first; walk it before the Reader goes.
    Rows range(Family family, rocksdb::Slice first, rocksdb::Slice end) const;
    rocksdb::DB* operator->() const { return database_.db_.get(); }
    rocksdb::ColumnFamilyHandle* family(Family family) const { return database_.family(family); }

   private:
    const Database& database_;
    std::shared_lock<std::shared_mutex> lock_;
  };
  /// Waits while the instance is closed for healing.
  Reader read() const { return Reader(*this); }

 private:
  class FailedGroups;
  explicit Database(const Options& options);
  absl::Status start();
  void stop();
  absl::Status probe() const;
  absl::Status reopen();

  Options options_;
  std::unique_ptr<rocksdb::Env> env_;  // around Options.file_system, where there is one
  std::shared_ptr<rocksdb::Cache> cache_;
  std::unique_ptr<FailedGroups> failed_groups_;
  uint64_t last_group_ = 0;
  uint64_t acknowledged_sequence_ = 0;  // of the last group this instance was told to be written; 0: none yet

  mutable std::shared_mutex open_;  // shared: reading; alone: closing and opening
  struct Closer {
    rocksdb::DB* db;
    void operator()(rocksdb::ColumnFamilyHandle* family) const { db->DestroyColumnFamilyHandle(family); }
  };
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<std::unique_ptr<rocksdb::ColumnFamilyHandle, Closer>> families_;
};

}  // namespace harvest::store

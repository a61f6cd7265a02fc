#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>

#include "rocksdb/file_system.h"

namespace harvest::store::test {

/// A file system that can lose power, fail, and fill up; over the machine's own.
///
/// It remembers how much of each file was synced, and which creations, renames and deletions their directory's fsync
/// has not yet confirmed. power_cut() makes every later call fail; after the store is gone, restore() leaves on disk
/// what a disk may keep: unsynced file tails are cut (wholly, or at a random byte), unconfirmed directory changes are
/// undone.
///
/// Counted calls are those that change something: append, sync, rename, create, directory sync. Thread-safe: one lock.
class FaultFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultFileSystem(uint32_t seed = 1);
  static const char* kClassName() { return "harvest.FaultFileSystem"; }
  const char* Name() const override { return kClassName(); }

  // ---- faults ----
  void cut_after(uint64_t calls);  ///< the power goes instead of the call after these
  void power_cut();
  bool is_cut() const;
  void restore(bool keep_torn_tails);
  /// The call after `calls` fails, and `failures - 1` after it, with this error; then all is well again.
  void fail_after(uint64_t calls, rocksdb::IOStatus error, uint64_t failures = 1);
  bool failed() const;  ///< a call was failed since fail_after()
  /// At most this many bytes in all files; more is ENOSPC. Empty: the machine's own limit.
  void set_budget(std::optional<uint64_t> bytes);
  uint64_t used_bytes() const;
  uint64_t calls() const;

  // ---- rocksdb::FileSystem ----
  using FileSystemWrapper::NewDirectory;
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

  // ---- for its files ----
  rocksdb::IOStatus append(const std::string& name, size_t bytes, const std::function<rocksdb::IOStatus()>& write);
  rocksdb::IOStatus sync(const std::string& name, const std::function<rocksdb::IOStatus()>& sync);
  rocksdb::IOStatus sync_directory(const std::string& name, const std::function<rocksdb::IOStatus()>& sync);

 private:
  struct File {
    uint64_t written = 0;
    uint64_t synced = 0;
  };
  /// A change of a directory that its fsync has not confirmed.
  struct Unconfirmed {
    std::string directory;
    std::function<void()> undo;
  };
  rocksdb::IOStatus step();  // counts a call; what it must answer with
  rocksdb::IOStatus create(const std::string& name, const std::function<rocksdb::IOStatus()>& make);
  std::string bury(const std::string& name);

  mutable std::mutex mutex_;
  std::mt19937 random_;
  std::map<std::string, File> files_;
  std::list<Unconfirmed> unconfirmed_;
  std::string graveyard_;  // hard links of what was deleted or renamed over, and may come back
  uint64_t buried_ = 0;
  uint64_t calls_ = 0;
  uint64_t used_ = 0;
  std::optional<uint64_t> budget_;
  bool cut_ = false;
  std::optional<uint64_t> cut_at_;
  uint64_t fail_from_ = 0, fail_until_ = 0;
  bool failed_ = false;
  rocksdb::IOStatus error_;
};

}  // namespace harvest::store::test

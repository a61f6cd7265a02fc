#include "storage/store/database.h"

#include <cassert>
#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "rocksdb/env.h"
#include "rocksdb/wal_filter.h"
#include "rocksdb/write_batch.h"
#include "storage/store/directory.h"
#include "storage/store/keys.h"

namespace harvest::store {
namespace {

// What opening writes besides memtables: manifest, options, a new log.
constexpr size_t kReopenBytes = 1 << 20;

}  // namespace

absl::Status to_status(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = status.ToString();
  if (status.IsNotFound()) return absl::NotFoundError(text);
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(absl::StrCat("the store's disk is full: ", text));
  if (status.IsCorruption()) return absl::DataLossError(absl::StrCat("the store is damaged: ", text));
  return absl::UnavailableError(absl::StrCat("the store's disk fails: ", text));
}

/// Leaves failed groups out of a replay.
class Database::FailedGroups : public rocksdb::WalFilter {
 public:
  void add(uint64_t group) { groups_.insert(group); }
  void clear() { groups_.clear(); }

  WalProcessingOption LogRecordFound(unsigned long long /*log*/, const std::string& /*file*/,
                                     const rocksdb::WriteBatch& batch, rocksdb::WriteBatch* /*instead*/,
                                     bool* /*changed*/) override {
    if (groups_.empty()) return WalProcessingOption::kContinueProcessing;
    NameFinder finder;
    const rocksdb::Status status = batch.Iterate(&finder);
    // NameFinder stops by an error of its own once it has the name, which is the first thing in every batch of ours.
    if (!status.ok() && !finder.found) return WalProcessingOption::kCorruptedRecord;
    return finder.found && groups_.contains(finder.group) ? WalProcessingOption::kIgnoreCurrentRecord
                                                          : WalProcessingOption::kContinueProcessing;
  }
  const char* Name() const override { return "harvest.FailedGroups"; }

 private:
  struct NameFinder : rocksdb::WriteBatch::Handler {
    void LogData(const rocksdb::Slice& blob) override {
      if (!found && blob.size() == sizeof(uint64_t)) group = KeyReader(blob).u64();
      found = true;
    }
    bool Continue() override { return !found; }
    rocksdb::Status PutCF(uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override { return {}; }
    rocksdb::Status DeleteCF(uint32_t, const rocksdb::Slice&) override { return {}; }
    rocksdb::Status SingleDeleteCF(uint32_t, const rocksdb::Slice&) override { return {}; }
    rocksdb::Status DeleteRangeCF(uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override { return {}; }
    bool found = false;
    uint64_t group = 0;
  };
  absl::flat_hash_set<uint64_t> groups_;
};

Database::Database(const Options& options)
    : options_(options),
      cache_(rocksdb::NewLRUCache(options.block_cache_bytes + options.memtable_bytes)),
      failed_groups_(std::make_unique<FailedGroups>()) {
  if (options_.file_system) env_ = rocksdb::NewCompositeEnv(options_.file_system);
}

Database::~Database() {
  stop();
}

absl::StatusOr<std::unique_ptr<Database>> Database::open(const Options& options) {
  std::unique_ptr<Database> database(new Database(options));
  const Directory directory(options, database->env_ ? database->env_.get() : rocksdb::Env::Default());
  absl::Status status = directory.prepare();
  if (!status.ok()) return status;
  status = database->start();
  if (!status.ok()) return directory.explain(status);
  return database;
}

absl::Status Database::start() {
  rocksdb::DBOptions options = database_options(options_, cache_);
  if (env_) options.env = env_.get();
  options.wal_filter = failed_groups_.get();
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors = family_options(options_, cache_);
  descriptors.emplace_back(Directory::schema_family(), rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(options, options_.path, descriptors, &handles, &db);
  if (!status.ok()) return to_status(status);
  db_.reset(db);
  for (rocksdb::ColumnFamilyHandle* handle : handles) families_.emplace_back(handle, Closer{db});
  return absl::OkStatus();
}

void Database::stop() {
  families_.clear();
  if (!db_) return;
  // A failed close loses nothing that was acknowledged: that is in the synced log.
  db_->Close().PermitUncheckedError();
  db_.reset();
}

uint64_t Database::name_group(rocksdb::WriteBatch& batch) {
  const Key name = Key().u64(++last_group_);
  const rocksdb::Status status = batch.PutLogData(name);
  assert(status.ok());
  return last_group_;
}

absl::Status Database::write(rocksdb::WriteBatch& batch, uint64_t group, bool sync) {
  if (!db_) return absl::UnavailableError("the store's disk fails: not yet opened again");
  rocksdb::WriteOptions options;
  options.sync = sync;
  const rocksdb::Status status = db_->Write(options, &batch);
  if (!status.ok()) {
    failed_groups_->add(group);
    return to_status(status);
  }
  acknowledged_sequence_ = db_->GetLatestSequenceNumber();
  return absl::OkStatus();
}

absl::Status Database::heal() {
  // Reading goes on while the disk is full, so the instance is closed only where it can be expected to open again.
  absl::Status room = probe();
  return room.ok() ? reopen() : room;
}

absl::Status Database::probe() const {
  // Opening replays the log into memtables and writes them out.
  const size_t wanted = options_.memtable_bytes + kReopenBytes;
  rocksdb::Env* env = env_ ? env_.get() : rocksdb::Env::Default();
  const std::string name = options_.path + "/probe";
  rocksdb::Status status;
  {
    std::unique_ptr<rocksdb::WritableFile> file;
    status = env->NewWritableFile(name, &file, rocksdb::EnvOptions());
    const std::string piece(1 << 20, '\0');
    for (size_t written = 0; status.ok() && written < wanted; written += piece.size()) status = file->Append(piece);
    if (status.ok()) status = file->Sync();
  }
  const rocksdb::Status removed = env->DeleteFile(name);
  return to_status(status.ok() ? removed : status);
}

absl::Status Database::reopen() {
  std::unique_lock lock(open_);
  stop();
  absl::Status status = start();
  if (!status.ok()) return status;
  // Invariant: what was acknowledged is still there. Without it memory and disk disagree, and only a restart can tell
  // how.
  assert(db_->GetLatestSequenceNumber() >= acknowledged_sequence_);
  failed_groups_->clear();
  return absl::OkStatus();
}

absl::Status Database::flush() {
  if (!db_) return absl::UnavailableError("the store's disk fails: not yet opened again");
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  for (const auto& family : families_) handles.push_back(family.get());
  return to_status(db_->Flush(rocksdb::FlushOptions(), handles));
}

Database::Reader::Reader(const Database& database) : database_(database), lock_(database.open_) {
  while (!database_.db_) {  // closed for healing, and not yet open again
    lock_.unlock();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    lock_.lock();
  }
}

rocksdb::Status Database::Reader::get(Family family, rocksdb::Slice key, rocksdb::PinnableSlice* value) const {
  return database_.db_->Get(rocksdb::ReadOptions(), database_.family(family), key, value);
}

Database::Rows Database::Reader::range(Family family, rocksdb::Slice first, rocksdb::Slice end) const {
  Rows rows;
  rows.end = std::make_unique<std::string>(end.ToString());
  rows.end_slice = std::make_unique<rocksdb::Slice>(*rows.end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = rows.end_slice.get();
  rows.iterator.reset(database_.db_->NewIterator(options, database_.family(family)));
  rows.iterator->Seek(first);
  return rows;
}

}  // namespace harvest::store

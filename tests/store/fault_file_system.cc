#include "fault_file_system.h"

#include <filesystem>

namespace harvest::store::test {
namespace fs = std::filesystem;
using rocksdb::IOStatus;

namespace {

std::string parent(const std::string& name) {
  return fs::path(name).parent_path().string();
}

class WatchedFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WatchedFile(FaultFileSystem& system, std::string name, std::unique_ptr<rocksdb::FSWritableFile> target)
      : FSWritableFileOwnerWrapper(std::move(target)), system_(system), name_(std::move(name)) {}

  IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                  rocksdb::IODebugContext* debug) override {
    return system_.append(name_, data.size(), [&] { return target()->Append(data, options, debug); });
  }
  IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*checksum*/, rocksdb::IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return system_.sync(name_, [&] { return target()->Flush(options, debug); });
  }
  IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return system_.sync(name_, [&] { return target()->Flush(options, debug); });
  }
  // It promises nothing, so it does nothing.
  IOStatus RangeSync(uint64_t, uint64_t, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  FaultFileSystem& system_;
  std::string name_;
};

class WatchedDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  WatchedDirectory(FaultFileSystem& system, std::string name, std::unique_ptr<rocksdb::FSDirectory> target)
      : FSDirectoryWrapper(std::move(target)), system_(system), name_(std::move(name)) {}
  IOStatus Fsync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return system_.sync_directory(name_, [] { return IOStatus::OK(); });
  }
  IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  FaultFileSystem& system_;
  std::string name_;
};

std::string without_slash(std::string name) {
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  return name;
}

}  // namespace

FaultFileSystem::FaultFileSystem(uint32_t seed) : FileSystemWrapper(rocksdb::FileSystem::Default()), random_(seed) {}

void FaultFileSystem::cut_after(uint64_t calls) {
  std::lock_guard lock(mutex_);
  cut_at_ = calls_ + calls;
}

void FaultFileSystem::power_cut() {
  std::lock_guard lock(mutex_);
  cut_ = true;
}

bool FaultFileSystem::is_cut() const {
  std::lock_guard lock(mutex_);
  return cut_;
}

void FaultFileSystem::fail_after(uint64_t calls, IOStatus error, uint64_t failures) {
  std::lock_guard lock(mutex_);
  fail_from_ = calls_ + calls;
  fail_until_ = fail_from_ + failures;
  failed_ = false;
  error_ = std::move(error);
}

bool FaultFileSystem::failed() const {
  std::lock_guard lock(mutex_);
  return failed_;
}

void FaultFileSystem::set_budget(std::optional<uint64_t> bytes) {
  std::lock_guard lock(mutex_);
  budget_ = bytes;
}

uint64_t FaultFileSystem::used_bytes() const {
  std::lock_guard lock(mutex_);
  return used_;
}

uint64_t FaultFileSystem::calls() const {
  std::lock_guard lock(mutex_);
  return calls_;
}

void FaultFileSystem::restore(bool keep_torn_tails) {
  std::lock_guard lock(mutex_);
  for (auto change = unconfirmed_.rbegin(); change != unconfirmed_.rend(); ++change) change->undo();
  unconfirmed_.clear();
  for (auto& [name, file] : files_) {
    if (!fs::exists(name)) continue;
    const uint64_t tail = file.written - file.synced;
    const uint64_t kept = keep_torn_tails && tail > 0 ? random_() % (tail + 1) : 0;
    fs::resize_file(name, file.synced + kept);
  }
  files_.clear();
  cut_ = false;
  cut_at_.reset();
}

IOStatus FaultFileSystem::step() {
  if (cut_at_ && calls_ >= *cut_at_) cut_ = true;
  if (cut_) return IOStatus::IOError("the power is gone");
  const uint64_t call = calls_++;
  if (call >= fail_from_ && call < fail_until_) {
    failed_ = true;
    return error_;
  }
  return IOStatus::OK();
}

IOStatus FaultFileSystem::append(const std::string& name, size_t bytes, const std::function<IOStatus()>& write) {
  std::lock_guard lock(mutex_);
  IOStatus status = step();
  if (!status.ok()) return status;
  if (budget_ && used_ + bytes > *budget_) return IOStatus::NoSpace("the budget of bytes is used up");
  status = write();
  if (status.ok()) {
    files_[name].written += bytes;
    used_ += bytes;
  }
  return status;
}

IOStatus FaultFileSystem::sync(const std::string& name, const std::function<IOStatus()>& sync) {
  std::lock_guard lock(mutex_);
  IOStatus status = step();
  if (!status.ok()) return status;
  status = sync();
  if (status.ok()) files_[name].synced = files_[name].written;
  return status;
}

IOStatus FaultFileSystem::sync_directory(const std::string& name, const std::function<IOStatus()>& sync) {
  std::lock_guard lock(mutex_);
  IOStatus status = step();
  if (!status.ok()) return status;
  unconfirmed_.remove_if([&](const Unconfirmed& change) { return change.directory == without_slash(name); });
  return sync();
}

std::string FaultFileSystem::bury(const std::string& name) {
  if (graveyard_.empty()) {
    graveyard_ = parent(parent(name)) + "/graveyard";
    fs::create_directories(graveyard_);
  }
  std::string grave = graveyard_ + "/" + std::to_string(++buried_);
  fs::create_hard_link(name, grave);
  return grave;
}

IOStatus FaultFileSystem::create(const std::string& name, const std::function<IOStatus()>& make) {
  std::lock_guard lock(mutex_);
  IOStatus status = step();
  if (!status.ok()) return status;
  const bool existed = fs::exists(name);
  status = make();
  if (!status.ok()) return status;
  files_[name] = File{};
  if (!existed) {
    unconfirmed_.push_back({parent(name), [this, name] {
                              fs::remove(name);
                              files_.erase(name);
                            }});
  }
  return status;
}

IOStatus FaultFileSystem::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSWritableFile>* file,
                                          rocksdb::IODebugContext* debug) {
  IOStatus status = create(name, [&] { return target()->NewWritableFile(name, options, file, debug); });
  if (status.ok()) *file = std::make_unique<WatchedFile>(*this, name, std::move(*file));
  return status;
}

IOStatus FaultFileSystem::ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                                             std::unique_ptr<rocksdb::FSWritableFile>*, rocksdb::IODebugContext*) {
  return IOStatus::NotSupported("the store appends to no old file");
}

IOStatus FaultFileSystem::ReuseWritableFile(const std::string&, const std::string&, const rocksdb::FileOptions&,
                                            std::unique_ptr<rocksdb::FSWritableFile>*, rocksdb::IODebugContext*) {
  return IOStatus::NotSupported("the store recycles no log");
}

IOStatus FaultFileSystem::NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                       std::unique_ptr<rocksdb::FSDirectory>* directory,
                                       rocksdb::IODebugContext* debug) {
  IOStatus status = target()->NewDirectory(name, options, directory, debug);
  if (status.ok()) *directory = std::make_unique<WatchedDirectory>(*this, without_slash(name), std::move(*directory));
  return status;
}

IOStatus FaultFileSystem::RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                                     rocksdb::IODebugContext* debug) {
  std::lock_guard lock(mutex_);
  IOStatus status = step();
  if (!status.ok()) return status;
  const std::string grave = fs::exists(to) ? bury(to) : std::string();
  const File replaced = files_.contains(to) ? files_[to] : File{fs::exists(to) ? fs::file_size(to) : 0, 0};
  status = target()->RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  if (auto moved = files_.extract(from)) {
    moved.key() = to;
    files_.erase(to);
    files_.insert(std::move(moved));
  }
  unconfirmed_.push_back({parent(to), [this, from, to, grave, replaced] {
                            fs::rename(to, from);
                            if (auto moved = files_.extract(to)) {
                              moved.key() = from;
                              files_.insert(std::move(moved));
                            }
                            if (grave.empty()) return;
                            fs::rename(grave, to);
                            if (replaced.synced > 0) files_[to] = replaced;
                          }});
  return status;
}

IOStatus FaultFileSystem::DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                                     rocksdb::IODebugContext* debug) {
  std::lock_guard lock(mutex_);
  if (cut_) return IOStatus::IOError("the power is gone");
  std::error_code missing;
  const uint64_t bytes = fs::file_size(name, missing);
  if (missing) return target()->DeleteFile(name, options, debug);
  const std::string grave = bury(name);
  const File file = files_.contains(name) ? files_[name] : File{bytes, bytes};
  IOStatus status = target()->DeleteFile(name, options, debug);
  if (!status.ok()) return status;
  used_ -= std::min(used_, bytes);
  files_.erase(name);
  unconfirmed_.push_back({parent(name), [this, name, grave, file] {
                            fs::rename(grave, name);
                            files_[name] = file;
                          }});
  return status;
}

}  // namespace harvest::store::test

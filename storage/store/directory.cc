#include "storage/store/directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "rocksdb/db.h"
#include "storage/store/database.h"

namespace harvest::store {
namespace {

// Raised with every change of the keyspace that an older program could misread.
constexpr uint32_t kSchema = 1;
constexpr char kSchemaPrefix[] = "schema.";

std::string parent_of(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// The process that holds the lock, where the system says so (it cannot across process namespaces). Never asked about a
/// lock of this process: closing the file would release it.
std::string holder_of(const std::string& path) {
  const int file = ::open((path + "/LOCK").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return "another process";
  struct flock lock {};
  lock.l_type = F_RDLCK;
  lock.l_whence = SEEK_SET;
  const bool known = ::fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0;
  ::close(file);
  return known ? absl::StrCat("the process with pid ", lock.l_pid) : "another process";
}

}  // namespace

std::string Directory::schema_family() {
  return absl::StrCat(kSchemaPrefix, kSchema);
}

absl::Status Directory::prepare() const {
  return env_->FileExists(path_ + "/CURRENT").ok() ? check_schema() : make();
}

absl::Status Directory::check_schema() const {
  rocksdb::DBOptions options;
  options.env = env_;
  std::vector<std::string> families;
  const rocksdb::Status listed = rocksdb::DB::ListColumnFamilies(options, path_, &families);
  if (!listed.ok()) return explain(to_status(listed));
  bool ours = false;
  for (const std::string& family : families) {
    absl::string_view name = family;
    uint32_t schema = 0;
    if (!absl::ConsumePrefix(&name, kSchemaPrefix) || !absl::SimpleAtoi(name, &schema)) continue;
    if (schema > kSchema) {
      return absl::FailedPreconditionError(
          absl::StrCat("the store in ", path_, " was written by a newer version (schema ", schema,
                       "; this program knows up to ", kSchema, "). Nothing was touched"));
    }
    ours = true;
  }
  // A new store's families are made one by one: a crash between leaves an empty database without a schema, which is
  // new.
  if (!ours && families.size() > static_cast<size_t>(kFamilies)) {
    return absl::FailedPreconditionError(absl::StrCat("the database in ", path_, " is not a harvest store"));
  }
  return absl::OkStatus();
}

absl::Status Directory::make() const {
  bool is_directory = false;
  if (env_->FileExists(path_).ok()) {
    if (env_->IsDirectory(path_, &is_directory).ok() && !is_directory) {
      return absl::FailedPreconditionError(absl::StrCat("the store's path ", path_, " is not a directory"));
    }
    return absl::OkStatus();
  }
  const std::string parent = parent_of(path_);
  if (!env_->FileExists(parent).ok()) {
    return absl::NotFoundError(
        absl::StrCat("the store's directory ", path_, " cannot be made: ", parent, " does not exist"));
  }
  rocksdb::Status status = env_->CreateDirIfMissing(path_);
  if (!status.ok()) return explain(to_status(status));
  std::unique_ptr<rocksdb::Directory> directory;
  status = env_->NewDirectory(parent, &directory);
  if (status.ok()) status = directory->Fsync();
  if (!status.ok()) return explain(to_status(status));
  return absl::OkStatus();
}

absl::Status Directory::explain(const absl::Status& status) const {
  const std::string text(status.message());
  if (absl::StrContains(text, "lock hold by current process")) {
    return absl::FailedPreconditionError(
        absl::StrCat("the store in ", path_, " is held by this process already (pid ", ::getpid(), ")"));
  }
  if (absl::StrContains(text, "While lock file") && absl::StrContains(text, "temporarily unavailable")) {
    return absl::FailedPreconditionError(
        absl::StrCat("the store in ", path_, " is held by ", holder_of(path_), ". One process owns a store"));
  }
  for (const char* why : {"Permission denied", "Operation not permitted", "Read-only file system"})
    if (absl::StrContains(text, why))
      return absl::FailedPreconditionError(absl::StrCat("the store in ", path_, " is not writable: ", why));
  return absl::Status(status.code(), absl::StrCat("the store in ", path_, " cannot be opened: ", text));
}

}  // namespace harvest::store

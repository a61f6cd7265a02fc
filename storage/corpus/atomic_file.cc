#include "storage/corpus/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "storage/corpus/file_descriptor.h"

namespace harvest::corpus {
namespace {

namespace fs = std::filesystem;

absl::Status failed(const std::string& what, const std::string& path) {
  return absl::ResourceExhaustedError(
      absl::StrCat("cannot ", what, " ", path, ": ", std::generic_category().message(errno)));
}

absl::Status write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status sync_directory(const std::string& path) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.open()) return failed("open directory", path);
  if (::fsync(fd.get()) != 0) return failed("sync directory", path);
  return absl::OkStatus();
}

absl::Status write_synced(const std::string& path, std::string_view bytes) {
  const FileDescriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd.open()) return failed("create", path);
  const absl::Status written = write_all(fd.get(), bytes, path);
  if (!written.ok()) return written;
  if (::fsync(fd.get()) != 0) return failed("sync", path);
  return absl::OkStatus();
}

std::string parent_of(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace

absl::Status write_file_atomically(const std::string& path, std::string_view bytes) {
  const std::string parent = parent_of(path);
  const std::string aside = (fs::path(parent) / (kWritingPrefix + fs::path(path).filename().string())).string();
  absl::Status status = write_synced(aside, bytes);
  if (status.ok() && ::rename(aside.c_str(), path.c_str()) != 0) status = failed("rename to", path);
  if (!status.ok()) {
    ::unlink(aside.c_str());  // what cannot be removed now is a leftover, and the next start removes it
    return status;
  }
  return sync_directory(parent);
}

absl::Status make_directories(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return absl::OkStatus();
  const std::string parent = parent_of(path);
  if (parent != path) {
    const absl::Status made = make_directories(parent);
    if (!made.ok()) return made;
  }
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return failed("create directory", path);
  if (!fs::is_directory(path, error)) return absl::ResourceExhaustedError(absl::StrCat(path, " is not a directory"));
  return sync_directory(parent);
}

absl::StatusOr<std::string> read_file(const std::string& path, size_t bytes_max) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.open() && errno == ENOENT) return absl::NotFoundError(absl::StrCat("there is no file ", path));
  if (!fd.open()) return failed("open", path);
  std::string bytes;
  char chunk[64 << 10];
  while (bytes.size() <= bytes_max) {
    const ssize_t got = ::read(fd.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) return bytes;
    bytes.append(chunk, static_cast<size_t>(got));
  }
  return absl::ResourceExhaustedError(absl::StrCat(path, " has more than ", bytes_max, " bytes"));
}

absl::Status remove_leftovers(const std::string& directory) {
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(kWritingPrefix) && ::unlink(at->path().c_str()) != 0 && errno != ENOENT)
      return failed("remove", at->path().string());
  }
  if (error) return absl::ResourceExhaustedError(absl::StrCat("cannot list ", directory, ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace harvest::corpus

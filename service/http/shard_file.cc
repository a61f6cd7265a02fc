#include "service/http/shard_file.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"

namespace harvest::http {

absl::StatusOr<OpenFile> OpenFile::open(const std::string& path, uint64_t bytes) {
  // Non-blocking, so that a pipe put in the file's place is refused below instead of waited for.
  OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.fd_ < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  struct stat info {};
  if (::fstat(file.fd_, &info) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot look at ", path));
  if (!S_ISREG(info.st_mode)) return absl::DataLossError(absl::StrCat(path, " is no plain file"));
  if (static_cast<uint64_t>(info.st_size) != bytes) {
    return absl::DataLossError(absl::StrCat(path, " has ", info.st_size, " bytes and should have ", bytes));
  }
  return file;
}

OpenFile::OpenFile(OpenFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

OpenFile::~OpenFile() {
  if (fd_ >= 0) ::close(fd_);
}

absl::StatusOr<uint64_t> OpenFile::send_some(int socket, uint64_t offset, uint64_t length) const {
  auto at = static_cast<off_t>(offset);
  ssize_t sent = 0;
  do {
    sent = ::sendfile(socket, fd_, &at, static_cast<std::size_t>(length));
  } while (sent < 0 && errno == EINTR);
  if (sent > 0) return static_cast<uint64_t>(sent);
  if (sent == 0) return absl::DataLossError("a shard became shorter while it was sent");
  if (errno == EAGAIN || errno == EWOULDBLOCK) return uint64_t{0};
  if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN || errno == EBADF)
    return absl::UnavailableError("the client is gone");
  return absl::ErrnoToStatus(errno, "cannot send a shard");
}

absl::Status OpenFile::read(uint64_t offset, std::span<char> into) const {
  while (!into.empty()) {
    const ssize_t got = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::ErrnoToStatus(errno, "cannot read a shard");
    if (got == 0) return absl::DataLossError("a shard became shorter while it was sent");
    offset += static_cast<uint64_t>(got);
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return absl::OkStatus();
}

}  // namespace harvest::http

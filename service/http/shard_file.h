#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace harvest::http {

/// An open file that is read by position. Closed with the object.
class OpenFile {
 public:
  /// Refuses what is no plain file, follows no symbolic link, and insists on the size that the catalogue knows: a file
  /// of another size is not that shard.
  static absl::StatusOr<OpenFile> open(const std::string& path, uint64_t bytes);
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile();

  /// Fills the whole of `into` from `offset`; an error where the file ends before.
  absl::Status read(uint64_t offset, std::span<char> into) const;
  /// Has the kernel send up to `length` bytes from `offset` to a socket that does not block; returns how many it took,
  /// 0 where it takes none now. UNAVAILABLE: the other side is gone. SIGPIPE must be blocked, as it is on lanes.
  absl::StatusOr<uint64_t> send_some(int socket, uint64_t offset, uint64_t length) const;

 private:
  explicit OpenFile(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace harvest::http

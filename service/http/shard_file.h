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

 private:
  explicit OpenFile(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace harvest::http

#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace harvest::client {

/// A stream of bytes: a file's, or standard input's where the path is "-". What begins like gzip or zstd is
/// decompressed on the way, whatever it is called, several members or frames one after the other included.
///
/// One owner, one thread. Errors are INVALID_ARGUMENT and name the file: not there, a directory, cut short, corrupt.
class ByteSource {
 public:
  static absl::StatusOr<std::unique_ptr<ByteSource>> open(const std::string& path);
  virtual ~ByteSource() = default;
  /// Up to `size` bytes; 0 is the end.
  virtual absl::StatusOr<size_t> read(char* out, size_t size) = 0;
};

}  // namespace harvest::client

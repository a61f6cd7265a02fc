#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace harvest::flow {

/// Bytes that this process may still write on the disk that holds `path`.
absl::StatusOr<uint64_t> free_bytes(const std::string& path);

/// Whether asking must stop so that answers in flight can still be written. With some slack between stop and go, so
/// that it does not flutter. Pure.
class DiskGuard {
 public:
  explicit DiskGuard(uint64_t free_bytes_min) : free_bytes_min_(free_bytes_min) {}
  bool low(uint64_t free) {
    low_ = free < (low_ ? free_bytes_min_ + free_bytes_min_ / 4 : free_bytes_min_);
    return low_;
  }

 private:
  uint64_t free_bytes_min_;
  bool low_ = false;
};

}  // namespace harvest::flow

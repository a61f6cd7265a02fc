#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace harvest::corpus {

/// Megabytes at once that are not cleared first, on huge pages where the kernel grants them: taken page by page, the
/// text of a shard spends a sixth of publishing in page faults (measured). Only what is touched takes memory. Movable;
/// owned by one thread.
class LargeBuffer {
 public:
  LargeBuffer() = default;
  /// Throws std::bad_alloc where there is no memory, as a container does.
  explicit LargeBuffer(size_t bytes);
  LargeBuffer(LargeBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  LargeBuffer& operator=(LargeBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~LargeBuffer();

  char* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
};

/// Text that only grows, in one piece.
class LargeText {
 public:
  void append(std::string_view text);
  std::string_view view() const { return {buffer_.data(), size_}; }
  size_t size() const { return size_; }

 private:
  LargeBuffer buffer_;
  size_t size_ = 0;
};

}  // namespace harvest::corpus

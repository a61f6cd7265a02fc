#include "storage/corpus/large_buffer.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace harvest::corpus {
namespace {

/// Of the text of a shard (ShardWriter::kShardRawBytesMax) and a last long line: room that is only named costs nothing.
constexpr size_t kTextRoomLeast = size_t{80} << 20;

}  // namespace

LargeBuffer::LargeBuffer(size_t bytes) : size_(bytes) {
  if (bytes == 0) return;
  void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  // A wish: without it everything is as it was, and slower.
  madvise(mapped, bytes, MADV_HUGEPAGE);
  data_ = static_cast<char*>(mapped);
}

LargeBuffer::~LargeBuffer() {
  if (data_ != nullptr) munmap(data_, size_);
}

void LargeText::append(std::string_view text) {
  if (text.empty()) return;
  if (size_ + text.size() > buffer_.size()) {
    LargeBuffer larger(std::max(kTextRoomLeast, 2 * (size_ + text.size())));
    if (size_ > 0) std::memcpy(larger.data(), buffer_.data(), size_);
    buffer_ = std::move(larger);
  }
  std::memcpy(buffer_.data() + size_, text.data(), text.size());
  size_ += text.size();
}

}  // namespace harvest::corpus

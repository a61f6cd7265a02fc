#include "client/cpp/line_source.h"

#include <cstring>

namespace harvest::client {
namespace {

constexpr size_t kReadBytes = 256 << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

LineSource::LineSource(std::unique_ptr<ByteSource> bytes)
    : bytes_(std::move(bytes)), buffer_(2 * kReadBytes + kPaddingBytes) {}

absl::StatusOr<bool> LineSource::read_more() {
  if (at_end_) {
    return false;
  }
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < end_ + kReadBytes + kPaddingBytes) {
    buffer_.resize(2 * buffer_.size());
  }
  const auto got = bytes_->read(buffer_.data() + end_, kReadBytes);
  if (!got.ok()) {
    return got.status();
  }
  end_ += *got;
  at_end_ = *got == 0;
  return !at_end_;
}

absl::StatusOr<LineSource::Line> LineSource::next() {
  Line line;
  size_t searched = 0;  // of the line at begin_: no line end in there
  for (;;) {
    const char* start = buffer_.data() + begin_;
    const size_t held = end_ - begin_;
    const void* found = std::memchr(start + searched, '\n', held - searched);
    if (found != nullptr || (at_end_ && held > 0)) {
      const size_t size = found != nullptr ? static_cast<size_t>(static_cast<const char*>(found) - start) : held;
      begin_ += size + (found != nullptr ? 1 : 0);
      line.number = ++number_;
      line.too_long = line.too_long || size > kLineBytesMax;
      line.text = line.too_long ? std::string_view() : std::string_view(start, size);
      if (line.number == 1 && line.text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
        line.text.remove_prefix(kByteOrderMark.size());
      }
      if (!line.text.empty() && line.text.back() == '\r') {
        line.text.remove_suffix(1);
      }
      return line;
    }
    if (at_end_) {
      // The end of the input was reached in the middle of a line that is passed over.
      line.end = !line.too_long;
      number_ += line.too_long ? 1 : 0;
      line.number = number_;
      return line;
    }
    searched = held;
    if (held > kLineBytesMax) {
      line.too_long = true;
      begin_ = end_;
      searched = 0;
    }
    const auto more = read_more();
    if (!more.ok()) {
      return more.status();
    }
  }
}

}  // namespace harvest::client

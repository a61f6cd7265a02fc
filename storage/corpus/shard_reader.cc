#include "storage/corpus/shard_reader.h"

#include <fcntl.h>

#include <array>
#include <cerrno>

#include "absl/strings/str_cat.h"

namespace harvest::corpus {
namespace {

constexpr size_t kChunkBytes = 64 << 10;
/// Longer than any answer; a file of one endless line must not fill the memory.
constexpr size_t kLineBytesMax = 256 << 20;

}  // namespace

ShardReader::ShardReader(std::string path, FileDescriptor fd, ShardFormat format)
    : path_(std::move(path)), fd_(std::move(fd)), unpacker_(Unpacker::make(format)) {}

ShardReader::ShardReader(ShardReader&&) noexcept = default;
ShardReader& ShardReader::operator=(ShardReader&&) noexcept = default;
ShardReader::~ShardReader() = default;

absl::StatusOr<ShardReader> ShardReader::open(const std::string& path) {
  const auto format = format_of_path(path);
  if (!format.ok()) return format.status();
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.open()) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  return ShardReader(path, std::move(fd), *format);
}

absl::StatusOr<bool> ShardReader::next() {
  size_t searched = at_;
  while (true) {
    const size_t newline = pending_.find('\n', searched);
    if (newline != std::string::npos) {
      line_ = std::string_view(pending_).substr(at_, newline - at_);
      at_ = newline + 1;
      ++rows_;
      return true;
    }
    // What was given out is dropped only here, when more is needed: once per chunk, not once per line.
    pending_.erase(0, at_);
    at_ = 0;
    searched = pending_.size();
    line_ = {};
    if (file_ended_) break;
    if (pending_.size() > kLineBytesMax)
      return absl::DataLossError(absl::StrCat("a line of more than ", kLineBytesMax, " bytes"));
    const absl::Status filled = fill();
    if (!filled.ok()) return filled;
  }
  if (!pending_.empty()) return absl::DataLossError("the last line has no end");
  return false;
}

absl::Status ShardReader::fill() {
  std::array<char, kChunkBytes> chunk;
  ssize_t got;
  do got = ::read(fd_.get(), chunk.data(), chunk.size());
  while (got < 0 && errno == EINTR);
  if (got < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path_));
  if (got == 0) {
    file_ended_ = true;
    if (unpacker_ != nullptr && !unpacker_->ended()) return absl::DataLossError("the compressed data ends too early");
    return absl::OkStatus();
  }
  const std::string_view read(chunk.data(), static_cast<size_t>(got));
  bytes_ += read.size();
  file_hash_.add(read);
  if (unpacker_ != nullptr) return unpacker_->unpack(read, [this](std::string_view raw) { take_raw(raw); });
  take_raw(read);
  return absl::OkStatus();
}

void ShardReader::take_raw(std::string_view raw) {
  raw_bytes_ += raw.size();
  raw_hash_.add(raw);
  pending_.append(raw);
}

}  // namespace harvest::corpus

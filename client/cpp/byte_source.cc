#include "client/cpp/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"

namespace harvest::client {
namespace {

constexpr size_t kInputBlockBytes = 256 << 10;
// zlib: a window of 32 KiB, and a gzip header is expected.
constexpr int kGzipWindow = 15 + 16;

/// A file descriptor with a block of what was read from it: decompressors take from the block.
class Input {
 public:
  Input(int fd, std::string name) : fd_(fd), name_(std::move(name)), block_(kInputBlockBytes) {}
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() {
    if (fd_ != STDIN_FILENO) {
      close(fd_);
    }
  }

  /// Reads on when the block is used up; false at the end.
  absl::StatusOr<bool> fill() {
    if (begin_ < end_) {
      return true;
    }
    const auto got = read_some(block_.data(), block_.size());
    if (!got.ok()) {
      return got.status();
    }
    begin_ = 0;
    end_ = *got;
    return end_ > 0;
  }

  /// At least `count` bytes in the block unless the input is shorter: to see what kind it is.
  absl::Status peek(size_t count) {
    while (end_ < count) {
      const auto got = read_some(block_.data() + end_, block_.size() - end_);
      if (!got.ok()) {
        return got.status();
      }
      if (*got == 0) {
        break;
      }
      end_ += *got;
    }
    return absl::OkStatus();
  }

  const char* data() const { return block_.data() + begin_; }
  size_t size() const { return end_ - begin_; }
  void take(size_t count) { begin_ += count; }
  absl::Status error(const std::string& what) const {
    return absl::InvalidArgumentError(absl::StrCat(name_, ": ", what));
  }

 private:
  absl::StatusOr<size_t> read_some(char* out, size_t size) {
    for (;;) {
      const ssize_t got = ::read(fd_, out, size);
      if (got >= 0) {
        return static_cast<size_t>(got);
      }
      if (errno != EINTR) {
        return error(absl::StrCat("cannot be read: ", std::strerror(errno)));
      }
    }
  }

  int fd_;
  std::string name_;
  std::vector<char> block_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

class PlainSource final : public ByteSource {
 public:
  explicit PlainSource(std::unique_ptr<Input> input) : input_(std::move(input)) {}
  absl::StatusOr<size_t> read(char* out, size_t size) override {
    const auto more = input_->fill();
    if (!more.ok()) {
      return more.status();
    }
    const size_t count = std::min(size, input_->size());
    std::memcpy(out, input_->data(), count);
    input_->take(count);
    return count;
  }

 private:
  std::unique_ptr<Input> input_;
};

class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(std::unique_ptr<Input> input) : input_(std::move(input)) {
    ready_ = inflateInit2(&stream_, kGzipWindow) == Z_OK;
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  absl::StatusOr<size_t> read(char* out, size_t size) override {
    if (!ready_) {
      return absl::ResourceExhaustedError("no memory to read gzip");
    }
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out == size) {
      const auto more = input_->fill();
      if (!more.ok()) {
        return more.status();
      }
      if (!*more) {
        return inside_member_ ? absl::StatusOr<size_t>(input_->error("the gzip data is cut short")) : 0;
      }
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input_->data()));
      stream_.avail_in = static_cast<uInt>(input_->size());
      inside_member_ = true;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      input_->take(input_->size() - stream_.avail_in);
      if (result == Z_STREAM_END) {
        inside_member_ = false;
        inflateReset(&stream_);
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return input_->error("the gzip data is corrupt");
      }
    }
    return size - stream_.avail_out;
  }

 private:
  std::unique_ptr<Input> input_;
  z_stream stream_{};
  bool ready_ = false;
  bool inside_member_ = false;
};

class ZstdSource final : public ByteSource {
 public:
  explicit ZstdSource(std::unique_ptr<Input> input) : input_(std::move(input)), stream_(ZSTD_createDStream()) {}
  ~ZstdSource() override { ZSTD_freeDStream(stream_); }

  absl::StatusOr<size_t> read(char* out, size_t size) override {
    if (stream_ == nullptr) {
      return absl::ResourceExhaustedError("no memory to read zstd");
    }
    ZSTD_outBuffer output{out, size, 0};
    while (output.pos == 0) {
      const auto more = input_->fill();
      if (!more.ok()) {
        return more.status();
      }
      if (!*more && !inside_frame_) {
        return 0;
      }
      // At the input's end the decompressor may still hold output of the last frame.
      ZSTD_inBuffer input{input_->data(), *more ? input_->size() : 0, 0};
      const size_t result = ZSTD_decompressStream(stream_, &output, &input);
      if (ZSTD_isError(result)) {
        return input_->error(absl::StrCat("the zstd data is corrupt: ", ZSTD_getErrorName(result)));
      }
      input_->take(input.pos);
      inside_frame_ = result != 0;
      if (!*more && inside_frame_ && output.pos == 0) {
        return input_->error("the zstd data is cut short");
      }
    }
    return output.pos;
  }

 private:
  std::unique_ptr<Input> input_;
  ZSTD_DStream* stream_;
  bool inside_frame_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> ByteSource::open(const std::string& path) {
  const bool is_stdin = path == "-";
  const int fd = is_stdin ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const std::string name = is_stdin ? "standard input" : path;
  if (fd < 0) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": cannot be read: ", std::strerror(errno)));
  }
  auto input = std::make_unique<Input>(fd, name);
  struct stat facts {};
  if (fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode)) {
    return input->error("is a directory, expected a file");
  }
  if (const absl::Status status = input->peek(4); !status.ok()) {
    return status;
  }
  const std::string_view start(input->data(), std::min<size_t>(input->size(), 4));
  if (start.substr(0, 2) == "\x1f\x8b") {
    return std::make_unique<GzipSource>(std::move(input));
  }
  if (start == "\x28\xb5\x2f\xfd") {
    return std::make_unique<ZstdSource>(std::move(input));
  }
  return std::make_unique<PlainSource>(std::move(input));
}

}  // namespace harvest::client

#include "client/cpp/parquet_lines.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/corpus/duckdb_tool.h"
#include "storage/corpus/file_descriptor.h"

namespace harvest::client {
namespace {

constexpr int kNoLibrary = 7;  // harvest-duckdb's exit code

/// A read that a signal does not end.
ssize_t read_on(int fd, char* out, size_t size) {
  for (;;) {
    const ssize_t got = ::read(fd, out, size);
    if (got >= 0 || errno != EINTR) return got;
  }
}

class ParquetLines final : public ByteSource {
 public:
  ParquetLines(std::string path, pid_t child, corpus::FileDescriptor rows, corpus::FileDescriptor words)
      : path_(std::move(path)), child_(child), rows_(std::move(rows)), words_(std::move(words)) {}
  ParquetLines(const ParquetLines&) = delete;
  ~ParquetLines() override {
    if (child_ == 0) return;
    kill(child_, SIGKILL);
    wait();
  }

  absl::StatusOr<size_t> read(char* out, size_t size) override {
    if (child_ == 0) return 0;
    const ssize_t got = read_on(rows_.get(), out, size);
    if (got < 0) return absl::ErrnoToStatus(errno, absl::StrCat(path_, ": its rows cannot be read"));
    if (got > 0) return static_cast<size_t>(got);
    std::array<char, 2000> words;
    const ssize_t said = read_on(words_.get(), words.data(), words.size());
    const std::string reason(absl::StripAsciiWhitespace({words.data(), static_cast<size_t>(said > 0 ? said : 0)}));
    const int status = wait();
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
    const std::string what =
        absl::StrCat(path_, ": ", reason.empty() ? "the program that reads Parquet ended" : reason);
    if (WIFEXITED(status) && WEXITSTATUS(status) == kNoLibrary) return absl::FailedPreconditionError(what);
    return absl::InvalidArgumentError(what);
  }

 private:
  int wait() { return corpus::wait_for_duckdb_tool(std::exchange(child_, 0)); }

  const std::string path_;
  pid_t child_;
  const corpus::FileDescriptor rows_, words_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> parquet_lines(const std::string& path) {
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "no pipe could be opened");
  corpus::FileDescriptor rows(out[0]), rows_end(out[1]);
  if (pipe2(err, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "no pipe could be opened");
  corpus::FileDescriptor said(err[0]), said_end(err[1]);
  const auto child = corpus::start_duckdb_tool({"rows", path}, rows_end.get(), said_end.get());
  if (!child.ok()) return absl::Status(child.status().code(), absl::StrCat(path, ": ", child.status().message()));
  return std::make_unique<ParquetLines>(path, *child, std::move(rows), std::move(said));
}

}  // namespace harvest::client

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/corpus/atomic_file.h"
#include "storage/corpus/duckdb_tool.h"
#include "storage/corpus/file_descriptor.h"
#include "storage/corpus/packings.h"
#include "storage/corpus/profile.h"

/// Parquet by DuckDB's library, in a process of its own: 70 MB of foreign code have no business beside keys, and need
/// not be installed for anything else. The tool is storage/duckdb's; it stands beside our own program.
namespace harvest::corpus {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kPatience{600};
constexpr size_t kParquetBytesMax = size_t{1} << 30;
constexpr size_t kReasonBytesMax = 2000;

/// A file that is gone when this is.
class Aside {
 public:
  Aside(const std::string& directory, const char* ending)
      : path_(absl::StrCat(directory, "/", kWritingPrefix, "parquet-", getpid(), "-", reinterpret_cast<uintptr_t>(this),
                           ending)) {}
  ~Aside() {
    std::error_code ignored;  // what is left is taken away at the next start
    fs::remove(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// What the child says on standard error until it has ended, or is out of time: then it is ended.
std::string listen_to(pid_t child, const FileDescriptor& words) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  std::string said;
  std::array<char, 4096> piece;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(give_up - std::chrono::steady_clock::now());
    pollfd ready{words.get(), POLLIN, 0};
    const int woken = poll(&ready, 1, static_cast<int>(std::max<int64_t>(left.count(), 0)));
    if (woken < 0 && errno == EINTR) continue;
    if (woken <= 0) {
      kill(child, SIGKILL);
      return "it took too long, and was ended";
    }
    const ssize_t got = read(words.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return said;
    if (said.size() < kReasonBytesMax) said.append(piece.data(), static_cast<size_t>(got));
  }
}

/// Its reason is what it says on standard error.
absl::Status run_tool(std::vector<std::string> words) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "format parquet: no pipe could be opened");
  const FileDescriptor heard(ends[0]);
  absl::StatusOr<pid_t> child;
  {
    const FileDescriptor told(ends[1]);
    child = start_duckdb_tool(std::move(words), -1, told.get());
  }
  if (!child.ok())
    return absl::Status(child.status().code(), absl::StrCat("format parquet: ", child.status().message()));
  std::string reason(absl::StripAsciiWhitespace(listen_to(*child, heard)));
  const int status = wait_for_duckdb_tool(*child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  if (reason.empty()) reason = absl::StrCat("its tool ended with ", status);
  return absl::FailedPreconditionError(absl::StrCat("format parquet: ", reason));
}

}  // namespace

absl::StatusOr<Packed> pack_parquet(const ShardLines& lines) {
  const Aside in(lines.directory, ".jsonl"), out(lines.directory, ".parquet");
  absl::Status status = write_file_atomically(in.path(), lines.raw);
  if (status.ok()) status = run_tool({"to-parquet", in.path(), out.path(), std::string(profile_name(lines.profile))});
  if (!status.ok()) return status;
  const auto bytes = read_file(out.path(), kParquetBytesMax);
  if (!bytes.ok()) return bytes.status();
  Packed packed{LargeBuffer(bytes->size()), bytes->size()};
  std::copy(bytes->begin(), bytes->end(), packed.bytes.data());
  return packed;
}

absl::Status check_parquet() {
  return run_tool({"check"});
}

}  // namespace harvest::corpus

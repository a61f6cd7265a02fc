#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/corpus/atomic_file.h"
#include "storage/corpus/packings.h"

/// Parquet by DuckDB's library, in a process of its own: 70 MB of foreign code have no business beside keys, and need
/// not be installed for anything else. The tool is storage/duckdb's; it stands beside our own program.
namespace harvest::corpus {
namespace {

namespace fs = std::filesystem;

constexpr char kTool[] = "harvest-duckdb";
constexpr std::chrono::seconds kPatience{600};
constexpr size_t kParquetBytesMax = size_t{1} << 30;
constexpr size_t kComplaintBytesMax = 1 << 20;
constexpr size_t kReasonBytesMax = 2000;

std::string tool_path() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return error ? std::string(kTool) : (self.parent_path() / kTool).string();
}

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

/// Its exit code; -1 where it had to be ended.
int wait_for(pid_t child) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > give_up) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      return -1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// What it says on standard error is the reason. It sees nothing of our environment but where the library is: keys
/// stand in it.
absl::Status run_tool(std::vector<std::string> words, const std::string& complaint) {
  words.insert(words.begin(), tool_path());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const char* library = std::getenv("HARVEST_DUCKDB_LIB");
  std::string entry = absl::StrCat("HARVEST_DUCKDB_LIB=", library == nullptr ? "" : library);
  std::array<char*, 2> environment{library == nullptr ? nullptr : entry.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, complaint.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child = 0;
  const int error = posix_spawn(&child, words[0].c_str(), &actions, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    return absl::FailedPreconditionError(
        absl::StrCat("format parquet: cannot run ", words[0], ": ", std::generic_category().message(error)));
  const int code = wait_for(child);
  if (code == 0) return absl::OkStatus();
  const auto told = read_file(complaint, kComplaintBytesMax);
  std::string reason = told.ok() ? std::string(absl::StripAsciiWhitespace(*told)) : "";
  if (reason.empty()) reason = code < 0 ? "its tool was ended" : absl::StrCat("its tool ended with ", code);
  return absl::FailedPreconditionError(absl::StrCat("format parquet: ", reason.substr(0, kReasonBytesMax)));
}

}  // namespace

absl::StatusOr<Packed> pack_parquet(const ShardLines& lines) {
  const Aside in(lines.directory, ".jsonl"), out(lines.directory, ".parquet"), complaint(lines.directory, ".txt");
  absl::Status status = write_file_atomically(in.path(), lines.raw);
  if (status.ok()) status = run_tool({"to-parquet", in.path(), out.path()}, complaint.path());
  if (!status.ok()) return status;
  const auto bytes = read_file(out.path(), kParquetBytesMax);
  if (!bytes.ok()) return bytes.status();
  Packed packed{std::make_unique_for_overwrite<char[]>(bytes->size()), bytes->size()};
  std::copy(bytes->begin(), bytes->end(), packed.bytes.get());
  return packed;
}

absl::Status check_parquet() {
  const Aside complaint(fs::temp_directory_path().string(), ".txt");
  return run_tool({"check"}, complaint.path());
}

}  // namespace harvest::corpus

#include "storage/corpus/duckdb_tool.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace harvest::corpus {
namespace {

constexpr char kTool[] = "harvest-duckdb";

/// As exec wants them: pointers into the strings, and none at the end.
std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

std::string duckdb_tool_path() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string(kTool) : (self.parent_path() / kTool).string();
}

absl::StatusOr<pid_t> start_duckdb_tool(std::vector<std::string> words, int out, int err) {
  words.insert(words.begin(), duckdb_tool_path());
  std::vector<std::string> entries;
  for (const char* name : {"HARVEST_DUCKDB_LIB", "LD_LIBRARY_PATH"})
    if (const char* value = std::getenv(name); value != nullptr) entries.push_back(absl::StrCat(name, "=", value));

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (out < 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  else
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  pid_t child = 0;
  const int error =
      posix_spawn(&child, words[0].c_str(), &actions, nullptr, pointers_to(words).data(), pointers_to(entries).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error == 0) return child;
  return absl::FailedPreconditionError(
      absl::StrCat("cannot run ", words[0], ": ", std::generic_category().message(error)));
}

int wait_for_duckdb_tool(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace harvest::corpus

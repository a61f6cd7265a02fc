#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "client/cpp/terminal_text.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"
#include "storage/corpus/duckdb_tool.h"

/// SQL over pulled Parquet shards: DuckDB, in the program that also makes them (storage/duckdb), beside this one.
namespace harvest::ctl {
namespace {

struct SqlFlags {
  std::string directory = ".";
  std::string query;
};

/// Rows on their way to a terminal are made harmless: teachers wrote them.
void show_lines(int fd) {
  const bool on_terminal = client::is_terminal(STDOUT_FILENO);
  std::FILE* rows = fdopen(fd, "r");
  char* line = nullptr;
  size_t room = 0;
  for (ssize_t length; (length = getline(&line, &room, rows)) > 0;) {
    const std::string text(line, static_cast<size_t>(length));
    const std::string shown = on_terminal ? client::safe_text(text, true) : text;
    std::fwrite(shown.data(), 1, shown.size(), stdout);
  }
  std::free(line);
  std::fclose(rows);
}

int run(Session& session, const SqlFlags& flags) {
  const std::string tool = corpus::duckdb_tool_path();
  std::vector<std::string> words{tool, "sql", flags.directory, flags.query};
  if (session.json) words.push_back("--json");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int ends[2];
  if (pipe(ends) != 0) return session.fail(absl::InternalError("no pipe could be opened"));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  pid_t child = 0;
  const int error = posix_spawn(&child, tool.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return session.fail(
        absl::FailedPreconditionError(absl::StrCat("cannot run ", tool, ": ", std::generic_category().message(error))));
  }
  show_lines(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : client::kInternal;
}

}  // namespace

void add_sql(CLI::App& app, Session& session) {
  auto flags = std::make_shared<SqlFlags>();
  CLI::App& sql =
      session.command(app, "sql", "SQL over pulled Parquet shards, as the table pairs; needs DuckDB's library",
                      "sql --in ./maths 'select finish_reason, count(*) from pairs group by all'",
                      [=, &session] { return run(session, *flags); });
  sql.add_option("--in", flags->directory, "directory that a Parquet view was pulled into")->capture_default_str();
  sql.add_option("QUERY", flags->query, "one SELECT of DuckDB's SQL")->required();
}

}  // namespace harvest::ctl

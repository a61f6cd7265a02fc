#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace harvest::corpus {

/// harvest-duckdb (storage/duckdb), which stands beside the program that runs.
std::string duckdb_tool_path();

/// Starts it with these words, its results going to the file descriptor `out` (below 0: nowhere) and what it says to
/// `err`. Of our environment it sees where the library is and nothing else, as keys stand there; of our files and
/// sockets it has none. FAILED_PRECONDITION says why it cannot run. Whoever starts it waits for it. Any thread.
absl::StatusOr<pid_t> start_duckdb_tool(std::vector<std::string> words, int out, int err);

/// Waits until it has ended; its status as waitpid() tells it. Blocking.
int wait_for_duckdb_tool(pid_t child);

}  // namespace harvest::corpus

#pragma once

#include <string>

namespace harvest::corpus {

/// harvest-duckdb (storage/duckdb), which stands beside the program that runs.
std::string duckdb_tool_path();

}  // namespace harvest::corpus

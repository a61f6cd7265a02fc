#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What is asked of DuckDB, as text. Pure.
namespace harvest::duckdb {

/// A text as SQL writes it, with its quotes.
std::string quoted(std::string_view text);

/// Lines with all record columns → Parquet, one after the other.
std::vector<std::string> to_parquet(const std::string& lines_file, const std::string& parquet_file);

/// The table `pairs` over the Parquet shards in `directory`/shards, and the query's rows on standard output:
/// tab-separated under a header, or one JSON object a line. From the second statement on nothing but that directory can
/// be read.
std::vector<std::string> over_pairs(const std::string& directory, const std::string& query, bool json);

}  // namespace harvest::duckdb

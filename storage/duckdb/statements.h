#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/corpus/profile.h"

/// What is asked of DuckDB, as text. Pure.
namespace harvest::duckdb {

/// A text as SQL writes it, with its quotes.
std::string sql_text(std::string_view text);

/// Lines with all record columns, or of the profile soft-labels → Parquet, one after the other.
std::vector<std::string> to_parquet(const std::string& lines_file, const std::string& parquet_file,
                                    corpus::Profile profile);

/// The table `pairs` over these Parquet files, and the query's rows on standard output: tab-separated under a header,
/// or one JSON object a line. Nothing but the files can be read.
std::vector<std::string> over_pairs(const std::vector<std::string>& files, const std::string& query, bool json);

/// All rows of a Parquet file on standard output, in its order, one JSON object a line. Nothing but it can be read.
std::vector<std::string> rows_of(const std::string& file);

}  // namespace harvest::duckdb

#include "storage/duckdb/statements.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "storage/corpus/columns.h"

namespace harvest::duckdb {
namespace {

constexpr char kStdout[] = "/dev/stdout";
/// Longer than any line that a shard has.
constexpr size_t kLineBytesMax = 256 << 20;
/// Rows of a row group: some 100 MB of raw text at most, as readers want them.
constexpr int kRowGroupRows = 2048;

std::string type_of(corpus::ColumnType type) {
  switch (type) {
    case corpus::ColumnType::kString:
      return "VARCHAR";
    case corpus::ColumnType::kInteger:
      return "BIGINT";
    case corpus::ColumnType::kReal:
      return "DOUBLE";
    case corpus::ColumnType::kBoolean:
      return "BOOLEAN";
    case corpus::ColumnType::kMessages:
      break;
  }
  std::string fields;
  for (const std::string_view field : corpus::kMessageFields)
    absl::StrAppend(&fields, fields.empty() ? "" : ", ", "\"", std::string(field), "\" VARCHAR");
  return absl::StrCat("STRUCT(", fields, ")[]");
}

/// As soft_label_row.h writes them.
constexpr char kSoftLabelColumns[] =
    "{record_id: 'VARCHAR', messages: 'STRUCT(\"role\" VARCHAR, content VARCHAR, reasoning_content VARCHAR)[]', "
    "tools: 'VARCHAR', tokenizer_id: 'VARCHAR', logprobs: 'FLOAT[][]', target_token_ids: 'INTEGER[][]', "
    "input_ids: 'UBIGINT[]', token_ids: 'INTEGER[][]', top_values: 'FLOAT[][]'}";

std::string columns(corpus::Profile profile) {
  if (profile == corpus::Profile::kSoftLabels) return kSoftLabelColumns;
  std::string all;
  for (const corpus::Column& column : corpus::kColumns)
    absl::StrAppend(&all, all.empty() ? "" : ", ", std::string(column.name), ": ", sql_text(type_of(column.type)));
  return absl::StrCat("{", all, "}");
}

}  // namespace

std::string sql_text(std::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(absl::string_view(text.data(), text.size()), {{"'", "''"}}), "'");
}

std::vector<std::string> to_parquet(const std::string& lines_file, const std::string& parquet_file,
                                    corpus::Profile profile) {
  return {"SET threads = 1",
          absl::StrCat("COPY (SELECT * FROM read_json(", sql_text(lines_file),
                       ", format = 'newline_delimited', compression = 'uncompressed', maximum_object_size = ",
                       kLineBytesMax, ", columns = ", columns(profile), ")) TO ", sql_text(parquet_file),
                       " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ", kRowGroupRows,
                       ", KV_METADATA {'harvest.schema_sha256': ", sql_text(corpus::schema_sha256(profile)), "})")};
}

std::vector<std::string> over_pairs(const std::vector<std::string>& files, const std::string& query, bool json) {
  std::string list;
  for (const std::string& file : files) absl::StrAppend(&list, list.empty() ? "" : ", ", sql_text(file));
  const std::string rows = absl::StrCat("COPY (", absl::StripSuffix(query, ";"), "\n) TO ", sql_text(kStdout));
  return {
      absl::StrCat("SET allowed_paths = [", list, ", ", sql_text(kStdout), "]"), "SET enable_external_access = false",
      absl::StrCat("CREATE VIEW pairs AS SELECT * FROM read_parquet([", list, "])"), "SET lock_configuration = true",
      absl::StrCat(rows, json ? " (FORMAT json)" : " (FORMAT csv, HEADER, DELIMITER '\t')")};
}

std::vector<std::string> rows_of(const std::string& file) {
  return {
      absl::StrCat("SET allowed_paths = [", sql_text(file), ", ", sql_text(kStdout), "]"),
      "SET enable_external_access = false",
      absl::StrCat("COPY (SELECT * FROM read_parquet(", sql_text(file), ")) TO ", sql_text(kStdout), " (FORMAT json)")};
}

}  // namespace harvest::duckdb

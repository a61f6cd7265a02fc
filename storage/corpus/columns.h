#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The record columns: one ordered list that the writer, the schema hash and the checker all read.
///
/// Rules (each answers a failure of a real reader): every line carries every column, of one type, never null. What is
/// not known is "" for texts, -1 for numbers that may be unknown, 0 for counts. Structures that may be empty are JSON
/// inside a string. Hashes and ids begin with letters.
namespace harvest::corpus {

enum class ColumnType : uint8_t {
  kString,
  kInteger,
  kReal,
  kBoolean,
  kMessages,  ///< list of structs of strings, see kMessageFields; never empty
};

struct Column {
  std::string_view name;
  ColumnType type;
};

/// Columns are only ever added, at the end. What each means: README.md.
inline constexpr auto kColumns = std::to_array<Column>({
    // identity
    {"record_id", ColumnType::kString},
    {"sequence", ColumnType::kInteger},
    {"prompt_id", ColumnType::kString},
    {"custom_id", ColumnType::kString},
    {"sample_index", ColumnType::kInteger},
    {"choice", ColumnType::kInteger},
    {"parent_record_ids_json", ColumnType::kString},
    // payload
    {"messages", ColumnType::kMessages},
    {"tools", ColumnType::kString},
    {"system_prompt_id", ColumnType::kString},
    {"fields_json", ColumnType::kString},
    {"api_logprobs_json", ColumnType::kString},
    // teacher
    {"teacher_id", ColumnType::kString},
    {"provider", ColumnType::kString},
    {"model_requested", ColumnType::kString},
    {"model_reported", ColumnType::kString},
    {"system_fingerprint", ColumnType::kString},
    {"teacher_revision", ColumnType::kString},
    {"endpoint_id", ColumnType::kString},
    // generation
    {"params_json", ColumnType::kString},
    {"seed", ColumnType::kInteger},
    {"finish_reason", ColumnType::kString},
    {"refused", ColumnType::kBoolean},
    {"prompt_tokens", ColumnType::kInteger},
    {"completion_tokens", ColumnType::kInteger},
    {"reasoning_tokens", ColumnType::kInteger},
    {"cached_tokens", ColumnType::kInteger},
    {"usage_reported", ColumnType::kBoolean},
    {"cost_micros", ColumnType::kInteger},
    {"reused", ColumnType::kBoolean},
    {"requested_at", ColumnType::kString},
    {"completed_at", ColumnType::kString},
    {"stored_at", ColumnType::kString},
    {"attempt", ColumnType::kInteger},
    // rights
    {"licence_id", ColumnType::kString},
    {"terms_sha256", ColumnType::kString},
    {"purposes", ColumnType::kString},
    {"obligations", ColumnType::kString},
    {"conditions", ColumnType::kString},
    {"expires_at", ColumnType::kString},
    {"rights_version", ColumnType::kInteger},
    {"self_attested", ColumnType::kBoolean},
    {"prompt_source_id", ColumnType::kString},
    {"prompt_licence_id", ColumnType::kString},
    {"customer_id", ColumnType::kString},
    {"tenant", ColumnType::kString},
    {"principal", ColumnType::kString},
    {"use_purpose", ColumnType::kString},
    {"use_student", ColumnType::kString},
    {"use_distributed", ColumnType::kBoolean},
    {"use_competes", ColumnType::kBoolean},
    // integrity
    {"prompt_sha256", ColumnType::kString},
    {"response_sha256", ColumnType::kString},
    {"raw_response_sha256", ColumnType::kString},
    {"record_commit", ColumnType::kString},
    {"log_index", ColumnType::kInteger},
    // quality
    {"lang", ColumnType::kString},
    {"near_dup_cluster", ColumnType::kString},
    {"pii_flags", ColumnType::kString},
    {"decontam_flags", ColumnType::kString},
    {"schema_valid", ColumnType::kInteger},
    {"agreement", ColumnType::kReal},
    // added since
    {"policy_version", ColumnType::kString},
    {"answer_samples", ColumnType::kInteger},
    {"logprobs_kind", ColumnType::kString},
    {"tokenizer_id", ColumnType::kString},
    {"teacher_epoch", ColumnType::kInteger},
    {"labels", ColumnType::kString},
    {"label_rules", ColumnType::kString},
});

/// How many columns the shortest list had that shards of this format were ever cut with. Every longer one begins with
/// it.
inline constexpr size_t kColumnsFirst = 62;

/// The fields of a message in `messages`, all strings, all present, in this order.
inline constexpr auto kMessageFields =
    std::to_array<std::string_view>({"role", "content", "reasoning_content", "tool_calls", "tool_call_id", "name"});

/// "string", "int64", "float64", "bool", "list<struct<role:string,…>>".
std::string type_name(ColumnType type);

/// Hex SHA-256 of the canonical JSON of the column list: [{"name":…,"type":…},…]. In every manifest.
const std::string& schema_sha256();

/// How many columns the list with this hash has: this version's, or an earlier one's, which is its beginning.
std::optional<size_t> columns_of(std::string_view schema_sha256);

}  // namespace harvest::corpus

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/corpus/record.h"
#include "storage/corpus/shard_format.h"

/// The shapes that trainers want rows in. README.md says what each leaves out, and why.
namespace harvest::corpus {

enum class Profile : uint8_t {
  kRecord,            ///< every record column (columns.h); has no name
  kTrl,               ///< record_id, messages, tools (a text)
  kAxolotl,           ///< the same
  kLlamaFactory,      ///< the same; reasoning inside the text, arguments as objects, turns in strict alternation
  kNemo,              ///< record_id, messages, tools (a list); arguments as objects
  kOpenai,            ///< messages, tools (a list, where there are some); nothing else
  kPromptCompletion,  ///< record_id, prompt, completion (lists of messages), tools (a text)
  kPreference,        ///< record_id, prompt, chosen, rejected, tools, rejected_record_id; of two records
  kSoftLabels,        ///< record_id, messages, tools, and what soft_label_row.h says
};

/// "trl"; "" for kRecord.
std::string_view profile_name(Profile profile);
/// INVALID_ARGUMENT names the profiles that there are.
absl::StatusOr<Profile> parse_profile(std::string_view name);

/// What shards are packed as where nobody says: its trainer opens plain files only, or does not mind.
ShardFormat default_format(Profile profile);
/// INVALID_ARGUMENT: its trainer cannot read that.
absl::Status check_format(Profile profile, ShardFormat format);

/// Hex, like corpus::schema_sha256(); of the profile's columns.
std::string schema_sha256(Profile profile);

/// Appends the row without a newline; not of kPreference. False, and nothing appended, where the profile has no words
/// for the record: tool calls that are no JSON, contents that are not text, or turns that its trainer would drop.
bool append_row(std::string& out, Profile profile, const RecordFacts& facts);

/// The id in a row that append_row() made; empty where the profile's rows bear none.
std::string record_id_of(Profile profile, std::string_view row);

/// Of kPreference: the row of two answers to one prompt, as append_row() does.
bool append_preference(std::string& out, const RecordFacts& chosen, const RecordFacts& rejected);

/// What is wrong with a row of the profile (not kRecord), each in words. `record_id`: the row's, or empty where the
/// profile has none.
std::vector<std::string> check_row(Profile profile, std::string_view row, std::string& record_id);

}  // namespace harvest::corpus

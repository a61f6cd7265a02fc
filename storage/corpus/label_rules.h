#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

/// The label rules of this version, by name: what the daemon applies (service/quality/labels), what columns are filled
/// from (label_columns.h) and what `harvestctl labels rules` lists. A rule that judges otherwise than before gets the
/// next version: datasets are then labelled anew.
namespace harvest::corpus {

struct LabelRule {
  std::string_view id;
  uint32_t version;
  std::string_view meaning;
};

inline constexpr std::string_view kContaminated = "contaminated";
inline constexpr std::string_view kEmpty = "empty";
inline constexpr std::string_view kLanguage = "language";
inline constexpr std::string_view kNearDuplicate = "near_duplicate";
inline constexpr std::string_view kPersonalData = "personal_data";
inline constexpr std::string_view kPersonalDataInPrompt = "personal_data_in_prompt";
inline constexpr std::string_view kRefused = "refused";
inline constexpr std::string_view kRepetition = "repetition";
inline constexpr std::string_view kSchemaInvalid = "schema_invalid";
inline constexpr std::string_view kSchemaValid = "schema_valid";
inline constexpr std::string_view kTruncated = "truncated";
inline constexpr std::string_view kUnclosed = "unclosed";

/// Sorted by id.
inline constexpr auto kLabelRules = std::to_array<LabelRule>({
    {kContaminated, 1,
     "prompt or answer holds 13 words in a row of a configured benchmark (of short texts, all 8 to 12)"},
    {kEmpty, 1, "neither text nor call; thoughts alone are none"},
    {kLanguage, 1, "the language of the answer, where it can be told; column lang"},
    {kNearDuplicate, 1,
     "the answer is nearly that of an earlier pair of the dataset, which column near_dup_cluster names"},
    {kPersonalData, 1, "the answer holds: email, ipv4, card, iban, phone, secret; column pii_flags"},
    {kPersonalDataInPrompt, 1, "the prompt as it was sent holds the same; column pii_flags, as prompt:email"},
    {kRefused, 1, "the vendor says so, or a short answer begins with a refusal's words"},
    {kRepetition, 1, "one run of 2, 3 or 4 words makes up .20, .18 or .16 of it, or .40 of it was said before"},
    {kSchemaInvalid, 1, "a structured output or a tool call that its schema does not admit"},
    {kSchemaValid, 1, "structured outputs and tool calls are as their schemas want them"},
    {kTruncated, 1, "ended at the output cap"},
    {kUnclosed, 1, "a code fence or <think> that does not end"},
});

/// Of one of the rules above.
constexpr uint32_t version_of_rule(std::string_view id) {
  const auto rule =
      std::find_if(kLabelRules.begin(), kLabelRules.end(), [&](const LabelRule& r) { return r.id == id; });
  return rule == kLabelRules.end() ? 0 : rule->version;
}

/// The name of a rule that labels are brought in for: 1 to 64 of a-z, 0-9, `_`, `.` and `-`.
constexpr bool is_rule_name(std::string_view name) {
  constexpr size_t kBytesMax = 64;
  return !name.empty() && name.size() <= kBytesMax && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
}

/// Its value, so that a filter can name it: at most 200 bytes without control characters, `|` and `'`.
constexpr bool is_label_value(std::string_view value) {
  constexpr size_t kBytesMax = 200;
  constexpr char kDelete = 0x7f;
  return value.size() <= kBytesMax && std::none_of(value.begin(), value.end(), [](char c) {
           return (c >= 0 && c < ' ') || c == kDelete || c == '|' || c == '\'';
         });
}

}  // namespace harvest::corpus

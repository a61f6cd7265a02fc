#include "client/cpp/label_file.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cpp/json_value.h"
#include "client/cpp/line_source.h"
#include "storage/corpus/label_rules.h"

namespace harvest::client {
namespace {

namespace dom = simdjson::dom;

constexpr int kVerdictsPerMessage = 500;
constexpr size_t kToldMax = 20;
constexpr size_t kRecordIdBytes = 28;

bool is_all_space(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isspace(c); });
}

/// What is wrong with the field; empty where it was taken.
std::string take_field(std::string_view key, dom::element value, v1::ImportLabelsRequest::Verdict& verdict) {
  std::string_view text;
  const bool is_text = value.get(text) == simdjson::SUCCESS;
  if (key == "record_id") {
    if (!is_text || text.size() != kRecordIdBytes || !text.starts_with("r_"))
      return absl::StrCat("record_id: found ", found(value), ", expected r_ and a ULID");
    verdict.set_record_id(std::string(text));
    return {};
  }
  if (key == "rule") {
    if (!is_text || !corpus::is_rule_name(text))
      return absl::StrCat("rule: found ", found(value), ", expected 1 to 64 of a-z, 0-9, _, . and -");
    verdict.mutable_label()->set_rule(std::string(text));
    return {};
  }
  if (key != "value")
    return absl::StrCat("found the field '", std::string(key), "', expected record_id, rule and value");
  const bool is_number = value.is_int64() || value.is_uint64() || value.is_double() || value.is_bool();
  std::string shown = is_text ? std::string(text) : is_number ? simdjson::minify(value) : "";
  if ((!is_text && !is_number && !value.is_null()) || !corpus::is_label_value(shown))
    return absl::StrCat(
        "value: found ", found(value),
        ", expected a text of at most 200 bytes without |, ' and control characters, a number or a bool");
  verdict.mutable_label()->set_value(std::move(shown));
  return {};
}

std::string take_line(dom::parser& parser, std::string_view text, v1::ImportLabelsRequest::Verdict& verdict) {
  dom::element value;
  dom::object object;
  if (const auto error = parser.parse(text.data(), text.size(), false).get(value); error != simdjson::SUCCESS)
    return absl::StrCat("found no JSON (", simdjson::error_message(error), "), expected an object");
  if (value.get(object) != simdjson::SUCCESS) return absl::StrCat("found ", found(value), ", expected an object");
  if (const auto doubled = doubled_key(object)) return absl::StrCat("found ", *doubled, " twice");
  for (const auto [key, field] : object)
    if (std::string wrong = take_field(key, field, verdict); !wrong.empty()) return wrong;
  if (verdict.record_id().empty()) return "record_id: found none, expected the record that the label is of";
  if (verdict.label().rule().empty()) return "rule: found none, expected the rule's name";
  return {};
}

}  // namespace

absl::StatusOr<std::vector<v1::ImportLabelsRequest>> read_label_file(const std::string& path,
                                                                     const std::string& dataset) {
  auto bytes = ByteSource::open(path);
  if (!bytes.ok()) return bytes.status();
  LineSource lines(*std::move(bytes));
  std::vector<v1::ImportLabelsRequest> requests;
  std::vector<std::string> wrong;
  dom::parser parser;
  while (wrong.size() < kToldMax) {
    const auto line = lines.next();
    if (!line.ok()) return line.status();
    if (line->end) break;
    if (!line->too_long && is_all_space(line->text)) continue;
    v1::ImportLabelsRequest::Verdict verdict;
    const std::string mistake = line->too_long ? "found a line of more than 16 MiB, expected a verdict"
                                               : take_line(parser, line->text, verdict);
    if (!mistake.empty()) {
      wrong.push_back(absl::StrCat(path, ":", line->number, ": ", mistake));
      continue;
    }
    if (requests.empty() || requests.back().verdicts_size() == kVerdictsPerMessage)
      requests.emplace_back().set_dataset(dataset);
    *requests.back().add_verdicts() = std::move(verdict);
  }
  if (!wrong.empty()) return absl::InvalidArgumentError(absl::StrJoin(wrong, "\n"));
  if (requests.empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": found no verdict, expected some"));
  return requests;
}

}  // namespace harvest::client

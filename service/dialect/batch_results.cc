#include "service/dialect/batch_results.h"

#include <algorithm>
#include <utility>

#include "service/dialect/ascii.h"
#include "service/dialect/json_body.h"
#include "service/dialect/lines.h"

namespace harvest::dialect {
namespace {

using raw_json::member;

/// Whose line this is that is no JSON. Only what stands before any value of depth is looked at: further in it may be
/// the teacher's own words.
std::string name_in_broken(std::string_view line, std::string_view id_key) {
  constexpr std::string_view kSpace = " \t";
  constexpr size_t kIdBytesMax = 64;
  if (!ascii::consume(line, "{")) return {};
  line = line.substr(0, line.find_first_of("{["));
  const std::string key = '"' + std::string(id_key) + '"';
  const size_t at = line.find(key);
  if (at == std::string_view::npos) return {};
  line = ascii::trimmed(line.substr(at + key.size()));
  if (!ascii::consume(line, ":")) return {};
  line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
  if (!ascii::consume(line, "\"")) return {};
  const size_t end = line.find('"');
  if (end == std::string_view::npos || end > kIdBytesMax) return {};
  return std::string(line.substr(0, end));
}

}  // namespace

std::string text_in(ResultObject& object, std::string_view key) {
  std::string_view text;
  return member(object, key, text) ? std::string(text) : std::string();
}

std::string body_in(ResultObject& object, std::string_view key) {
  ResultObject found;
  if (!member(object, key, found)) return text_in(object, key);
  std::string_view raw;
  return found.raw_json().get(raw) == simdjson::SUCCESS ? std::string(ascii::trimmed(raw)) : std::string();
}

std::optional<int64_t> number_in(ResultObject& object, std::string_view key) {
  int64_t number = 0;
  return member(object, key, number) ? std::optional(number) : std::nullopt;
}

BatchResult done_member(std::string custom_id, int64_t status, std::string body) {
  constexpr int kUnknown = 500;
  BatchResult result;
  result.custom_id = std::move(custom_id);
  result.exchange.sent = true;
  result.exchange.status = status >= 100 && status < 600 ? static_cast<int>(status) : kUnknown;
  result.exchange.body = std::move(body);
  return result;
}

BatchResult member_not_asked(std::string custom_id) {
  BatchResult result;
  result.custom_id = std::move(custom_id);
  result.fate = BatchResult::Fate::kNotAsked;
  return result;
}

absl::StatusOr<std::vector<BatchResult>> read_result_lines(std::string_view body, std::string_view id_key,
                                                           ReadResult read) {
  std::vector<BatchResult> results;
  const bool cut = !body.ends_with('\n');
  bool any = false, none_whole = false;
  LineSplitter lines(body);
  for (std::string_view line; lines.next(line);) {
    const JsonBody json(line, JsonBody::slack_behind(line, body, 0));
    ResultObject object;
    if (!json.is_object()) {
      none_whole = true;
      const bool last = cut && lines.offset() == body.size();
      if (std::string id = last ? std::string() : name_in_broken(line, id_key); !id.empty())
        results.push_back(done_member(std::move(id), 200, std::string(line)));
      continue;
    }
    any = true;
    raw_json::Document document(json.text());
    if (!document.root(object)) continue;
    if (std::optional<BatchResult> result = read(object)) results.push_back(std::move(*result));
  }
  if (none_whole && !any && results.empty()) return absl::InvalidArgumentError("results: no line of them is JSON");
  return results;
}

}  // namespace harvest::dialect

#include "service/dialect/batch_standing.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/time/time.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;
using Stage = BatchStanding::Stage;

constexpr int64_t kMicros = 1'000'000;
constexpr int64_t kUnixSecondsMax = int64_t{1} << 40;  // so that none overflows as µs

}  // namespace

Stage stage_of(std::string_view word, std::span<const StageWord> words) {
  const auto found = std::find_if(words.begin(), words.end(), [&](const StageWord& one) { return one.word == word; });
  return found == words.end() ? Stage::kRunning : found->stage;
}

uint64_t count_at(const dom::object& object, std::string_view key) {
  uint64_t count = 0;
  if (object.at_key(key).get(count) == simdjson::SUCCESS) return count;
  const std::string_view text = string_at(object, key);
  const char* const end = text.data() + text.size();
  return std::from_chars(text.data(), end, count).ptr == end ? count : 0;
}

int64_t unix_time_at(const dom::object& object, std::string_view key) {
  double seconds = 0;
  if (object.at_key(key).get(seconds) != simdjson::SUCCESS || !(seconds > 0 && seconds < kUnixSecondsMax)) return 0;
  return static_cast<int64_t>(seconds * kMicros);
}

int64_t date_at(const dom::object& object, std::string_view key) {
  const std::string_view text = string_at(object, key);
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, absl::string_view(text.data(), text.size()), &time, nullptr)) return 0;
  const int64_t seconds = absl::ToUnixSeconds(time);
  return seconds > 0 && seconds < kUnixSecondsMax ? absl::ToUnixMicros(time) : 0;
}

BatchStanding::Complaint complaint_in(const dom::object& error, int status) {
  BatchStanding::Complaint complaint{.line = static_cast<size_t>(count_at(error, "line")),
                                     .code = vendor_code(string_at(error, "code")),
                                     .message = vendor_words(string_at(error, "message"))};
  complaint.told.sent = true;
  complaint.told.status = status;
  complaint.told.body = "{\"error\":" + simdjson::minify(error) + "}";
  return complaint;
}

void settle(BatchStanding& standing, uint64_t answered) {
  const bool begun = answered > 0 || !standing.result_files.empty();
  if (standing.stage == Stage::kFailed && begun) standing.stage = Stage::kEnded;
  standing.vendor_status = vendor_words(standing.vendor_status, kVendorCodeBytesMax);
}

absl::StatusOr<BatchStanding> read_one_standing(std::string_view body, ReadStanding read) {
  const JsonBody json(body);
  if (!json.is_object()) return absl::InvalidArgumentError("batch: expected an object, " + json.error());
  BatchStanding standing = read(json.object());
  if (standing.id.empty()) return absl::InvalidArgumentError("batch: it has no name");
  return standing;
}

absl::StatusOr<BatchPage> read_after_last(std::string_view body, ReadStanding read) {
  const JsonBody json(body);
  if (!json.is_object()) return absl::InvalidArgumentError("batches: expected an object, " + json.error());
  absl::StatusOr<BatchPage> page = read_standings(json.object(), "data", read);
  if (!page.ok() || !truthy_at(json.object(), "has_more")) return page;
  page->next = string_at(json.object(), "last_id");
  if (page->next.empty() && !page->batches.empty()) page->next = page->batches.back().id;
  return page;
}

absl::StatusOr<BatchPage> read_standings(const dom::object& body, std::string_view list_key, ReadStanding read) {
  BatchPage page;
  dom::array list;
  if (body.at_key(list_key).get(list) != simdjson::SUCCESS)
    return absl::InvalidArgumentError("batches: expected a list of them");
  for (const dom::element element : list) {
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS) continue;
    if (BatchStanding standing = read(object); !standing.id.empty()) page.batches.push_back(std::move(standing));
  }
  return page;
}

}  // namespace harvest::dialect

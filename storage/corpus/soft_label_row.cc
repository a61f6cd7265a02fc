#include "storage/corpus/soft_label_row.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "storage/corpus/canonical_json.h"

namespace harvest::corpus {
namespace {

using Distribution = std::vector<std::pair<float, int32_t>>;  ///< log probability and token id, the likeliest first

/// Empty where they are no rectangle's worth.
std::vector<Distribution> rectangle(const v1::SoftLabels& labels) {
  std::vector<Distribution> positions;
  int at = 0;
  size_t width = SIZE_MAX;
  for (const uint32_t alternatives : labels.alternatives()) {
    const int end = at + static_cast<int>(alternatives);
    if (end > labels.alternative_ids_size() || end > labels.alternative_logprobs_size()) return {};
    Distribution& position = positions.emplace_back();
    for (; at < end; ++at) position.emplace_back(labels.alternative_logprobs(at), labels.alternative_ids(at));
    std::stable_sort(position.begin(), position.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    width = std::min(width, position.size());
  }
  if (width == 0) return {};
  for (Distribution& position : positions) position.resize(width);
  return positions;
}

/// The shortest decimal that reads back as the same float, with a point: readers that guess see a real number.
void append_float(std::string& out, float value) {
  if (!std::isfinite(value)) value = -std::numeric_limits<float>::max();  // JSON has no word for it
  std::array<char, 64> text;
  char* const end = std::to_chars(text.begin(), text.end(), value).ptr;
  out.append(text.data(), end);
  if (std::find_if(text.data(), end, [](char c) { return c == '.' || c == 'e'; }) == end) out += ".0";
}

template <typename Append>
void append_lists(std::string& out, std::string_view column, const std::vector<Distribution>& positions, size_t first,
                  const Append& append) {
  out.append(",\"").append(column).append("\":[");
  for (size_t i = first; i < positions.size(); ++i) {
    out += i == first ? "[" : ",[";
    for (const auto& entry : positions[i]) {
      if (out.back() != '[') out += ',';
      append(entry);
    }
    out += ']';
  }
  out += ']';
}

}  // namespace

bool append_soft_labels(std::string& out, const v1::SoftLabels& labels) {
  const std::vector<Distribution> positions = rectangle(labels);
  if (positions.empty() || labels.token_ids_size() != static_cast<int>(positions.size())) return false;
  const auto logprob = [&](const auto& entry) { append_float(out, entry.first); };
  const auto id = [&](const auto& entry) { append_json_integer(out, entry.second); };
  out += ",\"tokenizer_id\":";
  append_json_string(out, labels.tokenizer());
  append_lists(out, "logprobs", positions, 0, logprob);
  append_lists(out, "target_token_ids", positions, 0, id);
  out += ",\"input_ids\":[";
  for (const int32_t token : labels.token_ids()) {
    if (out.back() != '[') out += ',';
    append_json_integer(out, token);
  }
  out += ']';
  append_lists(out, "token_ids", positions, 1, id);
  append_lists(out, "top_values", positions, 1, logprob);
  return true;
}

}  // namespace harvest::corpus

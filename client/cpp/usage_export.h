#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace harvest::client {

/// What a vendor says that it billed: its cost or usage export, one form of it for all.
///
/// Read are, told apart by what they hold:
/// - OpenAI's costs (organization/costs): data[].results[].amount {value, currency}, buckets with start_time; where
///   grouped by line_item, the model is its first word
/// - OpenAI's usage (organization/usage/completions): input_tokens, output_tokens, model
/// - Anthropic's cost report (organizations/cost_report): amount in cents as a text, model, buckets with starting_at
/// - Anthropic's usage report (organizations/usage_report/messages): uncached, cached and cache-writing input tokens
/// - CSV whose first row names the columns day (or date), model, cost (or usd, cost_usd), input_tokens, output_tokens,
///   in any order and case; day and one of cost or tokens at least. Any other column is an error: money might be in it
struct UsageExport {
  struct Line {
    int64_t day = 0;    ///< UTC, since 1970-01-01
    std::string model;  ///< as the vendor calls it; empty: the export does not say
    std::optional<int64_t> cost_picodollars;
    std::optional<int64_t> input_tokens, output_tokens;  ///< cached ones included
  };
  std::string vendor;  ///< openai, anthropic; empty: not known
  std::vector<Line> lines;
  std::optional<int64_t> first_day, last_day;  ///< that it covers, also without a line
  bool more = false;                           ///< the vendor has further pages

  void cover(int64_t day);
  /// Another page, or the costs to a usage.
  void add(UsageExport other);
  /// Leaves out every other day.
  void keep(int64_t first, int64_t last);
};

/// A file, plain or compressed, or `-`. INVALID_ARGUMENT names file, place, what was found and expected.
absl::StatusOr<UsageExport> read_usage_export(const std::string& path);
/// `name`: what messages call it.
absl::StatusOr<UsageExport> parse_usage_export(std::string_view bytes, const std::string& name);

}  // namespace harvest::client

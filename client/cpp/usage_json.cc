#include "client/cpp/usage_json.h"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cpp/decimal_amount.h"
#include "client/cpp/json_value.h"
#include "proto/text/time.h"

namespace harvest::client {
namespace {

namespace dom = simdjson::dom;

constexpr int64_t kSecondUs = 1'000'000;
constexpr int kCents = -2;

absl::Status usage_error(std::string_view field, dom::element value, std::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(field), ": found ", found(value), ", expected ", std::string(expected)));
}

std::string text_at(const dom::object& object, std::string_view key) {
  std::string_view text;
  return object.at_key(key).get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

/// Adds up the counts that are there; none where there is none.
std::optional<int64_t> sum_of(const dom::object& object, std::initializer_list<std::string_view> keys) {
  std::optional<int64_t> sum;
  for (const std::string_view key : keys)
    if (int64_t count = 0; object.at_pointer(key).get(count) == simdjson::SUCCESS) sum = sum.value_or(0) + count;
  return sum;
}

absl::StatusOr<int64_t> amount_of(dom::element value, int unit) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return decimal_amount(text, unit);
  double number = 0;
  if (value.get(number) != simdjson::SUCCESS) return usage_error("amount", value, "a number");
  // The shortest text that reads back as the same number is the decimal that stood in the file.
  std::array<char, 64> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return decimal_amount({digits.data(), static_cast<size_t>(end.ptr - digits.data())}, unit);
}

absl::Status check_currency(const dom::object& object) {
  const std::string currency = text_at(object, "currency");
  if (currency.empty() || absl::AsciiStrToLower(currency) == "usd") return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("currency: found ", currency, ", expected usd"));
}

/// One result of a bucket, whosever it is.
absl::Status read_result(const dom::object& result, bool of_openai, UsageExport::Line& line) {
  line.model = text_at(result, "model");
  dom::element amount;
  if (result.at_key("amount").get(amount) == simdjson::SUCCESS) {
    absl::Status currency = check_currency(result);
    dom::object money;
    const bool nested = amount.get(money) == simdjson::SUCCESS;
    if (nested != of_openai) return usage_error("amount", amount, of_openai ? "{value, currency}" : "cents as a text");
    if (nested) {
      currency = check_currency(money);
      if (money.at_key("value").get(amount) != simdjson::SUCCESS) return usage_error("amount", amount, "a value in it");
      // "gpt-4o-mini-2024-07-18, input"
      const std::string item = text_at(result, "line_item");
      if (line.model.empty()) line.model = std::string(absl::StripAsciiWhitespace(item.substr(0, item.find(','))));
    }
    if (!currency.ok()) return currency;
    auto cost = amount_of(amount, of_openai ? 0 : kCents);
    if (!cost.ok()) return absl::InvalidArgumentError(absl::StrCat("amount: ", cost.status().message()));
    line.cost_picodollars = *cost;
    return absl::OkStatus();
  }
  line.output_tokens = sum_of(result, {"/output_tokens"});
  line.input_tokens =
      of_openai
          ? sum_of(result, {"/input_tokens"})
          : sum_of(result, {"/uncached_input_tokens", "/cache_read_input_tokens",
                            "/cache_creation/ephemeral_5m_input_tokens", "/cache_creation/ephemeral_1h_input_tokens"});
  if (line.input_tokens || line.output_tokens) return absl::OkStatus();
  return absl::InvalidArgumentError("found neither amount nor input_tokens and output_tokens, expected one of them");
}

absl::Status read_bucket(const dom::object& bucket, UsageExport& usage) {
  UsageExport::Line line;
  int64_t seconds = 0;
  const bool of_openai = bucket.at_key("start_time").get(seconds) == simdjson::SUCCESS;
  if (of_openai) {
    line.day = text::day_of(seconds * kSecondUs);
  } else {
    const auto start = text::parse_utc(text_at(bucket, "starting_at"));
    if (!start.ok())
      return absl::InvalidArgumentError(
          "found no start_time (OpenAI: seconds) and no starting_at (Anthropic: RFC 3339), expected one of them");
    line.day = text::day_of(*start);
  }
  usage.vendor = of_openai ? "openai" : "anthropic";
  usage.cover(line.day);
  dom::array results;
  if (bucket.at_key("results").get(results) != simdjson::SUCCESS)
    return absl::InvalidArgumentError("results: found none, expected a list");
  size_t index = 0;
  for (const dom::element element : results) {
    dom::object result;
    UsageExport::Line next = line;
    absl::Status status = element.get(result) == simdjson::SUCCESS ? read_result(result, of_openai, next)
                                                                   : usage_error("a result", element, "an object");
    if (!status.ok()) return absl::InvalidArgumentError(absl::StrCat("results[", index, "]: ", status.message()));
    usage.lines.push_back(std::move(next));
    ++index;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<UsageExport> parse_usage_json(std::string_view bytes) {
  dom::parser parser;
  dom::element root;
  if (const auto error = parser.parse(simdjson::padded_string(bytes)).get(root); error != simdjson::SUCCESS)
    return absl::InvalidArgumentError(absl::StrCat("is no JSON: ", simdjson::error_message(error)));
  dom::array buckets;
  if (root.at_key("data").get(buckets) != simdjson::SUCCESS)
    return usage_error("data", root, "a vendor's page of costs or usage: {\"data\": [...]}");
  UsageExport usage;
  if (bool more = false; root.at_key("has_more").get(more) == simdjson::SUCCESS) usage.more = more;
  size_t index = 0;
  for (const dom::element element : buckets) {
    dom::object bucket;
    absl::Status status = element.get(bucket) == simdjson::SUCCESS ? read_bucket(bucket, usage)
                                                                   : usage_error("a bucket", element, "an object");
    if (!status.ok()) return absl::InvalidArgumentError(absl::StrCat("data[", index, "]: ", status.message()));
    ++index;
  }
  return usage;
}

}  // namespace harvest::client

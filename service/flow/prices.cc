#include "service/flow/prices.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "proto/text/money.h"

namespace harvest::flow {

absl::StatusOr<TokenPrices> TokenPrices::of(const v1::Teacher& teacher) {
  const v1::Prices& prices = teacher.prices();
  if (prices.free()) return TokenPrices{};
  if (prices.input_usd_per_mtok().empty() || prices.output_usd_per_mtok().empty())
    return absl::InvalidArgumentError(absl::StrCat("teacher ", teacher.name(),
                                                   " has no prices: an unknown price is not zero; give "
                                                   "input_usd_per_mtok and output_usd_per_mtok, or `prices: free`"));
  TokenPrices result;
  auto read = [](const std::string& text, int64_t& into) {
    auto price = text::parse_usd_per_mtok(text);
    if (price.ok()) into = *price;
    return price.status();
  };
  if (absl::Status status = read(prices.input_usd_per_mtok(), result.input); !status.ok()) return status;
  if (absl::Status status = read(prices.output_usd_per_mtok(), result.output); !status.ok()) return status;
  result.cached_input = result.input;
  if (!prices.cached_input_usd_per_mtok().empty())
    if (absl::Status status = read(prices.cached_input_usd_per_mtok(), result.cached_input); !status.ok())
      return status;
  return result;
}

int64_t TokenPrices::cost(const v1::Usage& usage) const {
  const int64_t total = static_cast<int64_t>(usage.input_tokens());
  const int64_t cached = std::min(total, static_cast<int64_t>(usage.cached_input_tokens()));
  return (total - cached) * input + cached * cached_input + static_cast<int64_t>(usage.output_tokens()) * output;
}

}  // namespace harvest::flow

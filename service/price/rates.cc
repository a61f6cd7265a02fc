#include "service/price/rates.h"

#include <algorithm>
#include <limits>

namespace harvest::price {
namespace {

int64_t tokens(uint64_t count) {
  return static_cast<int64_t>(count);
}

}  // namespace

int64_t Rates::cost(const v1::Usage& usage) const {
  // Parts never make more than the whole, whatever a vendor reports.
  int64_t plain_input = tokens(usage.input_tokens());
  const auto part = [&plain_input](uint64_t count) {
    const int64_t taken = std::min(plain_input, tokens(count));
    plain_input -= taken;
    return taken;
  };
  const int64_t written_long = part(usage.cache_write_long_tokens());
  const int64_t written = part(usage.cache_write_tokens());
  const int64_t cached = part(usage.cached_input_tokens());
  const int64_t thought = std::min(tokens(usage.output_tokens()), tokens(usage.reasoning_tokens()));
  return plain_input * input + cached * cached_input + written * cache_write + written_long * cache_write_long +
         (tokens(usage.output_tokens()) - thought) * output + thought * reasoning;
}

int64_t Rates::cost_max(int64_t input_tokens_max, int64_t output_tokens_max) const {
  const __int128 cost =
      static_cast<__int128>(input_tokens_max) * std::max({input, cached_input, cache_write, cache_write_long}) +
      static_cast<__int128>(output_tokens_max) * std::max(output, reasoning);
  // More than can be counted is more than any cap.
  return static_cast<int64_t>(std::min<__int128>(cost, std::numeric_limits<int64_t>::max()));
}

}  // namespace harvest::price

#include "service/flow/answer_times.h"

#include <algorithm>
#include <bit>

namespace harvest::flow {
namespace {

constexpr double kSlow = 0.99;
constexpr int64_t kAnswersMin = 100;

}  // namespace

size_t AnswerTimes::size_of(int64_t input_tokens) {
  const auto tokens = static_cast<uint64_t>(std::max<int64_t>(1, input_tokens));
  return std::min<size_t>(std::bit_width(tokens), kSizes) - 1;
}

void AnswerTimes::add(int64_t input_tokens, std::chrono::nanoseconds took) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(took).count();
  milliseconds_[size_of(input_tokens)].add(std::max<int64_t>(1, milliseconds));
}

std::optional<std::chrono::nanoseconds> AnswerTimes::slow(int64_t input_tokens) const {
  const limit::TokenHistogram& known = milliseconds_[size_of(input_tokens)];
  if (known.count() < kAnswersMin) return std::nullopt;
  const std::optional<int64_t> quantile = known.quantile(kSlow);
  if (!quantile) return std::nullopt;
  return std::chrono::milliseconds(*quantile);
}

}  // namespace harvest::flow

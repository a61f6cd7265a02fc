#include "service/limit/first_token_estimate.h"

namespace harvest::limit {
namespace {

constexpr double kKept = 0.995;     ///< of the line, per answer
constexpr double kRestKept = 0.95;  ///< of the average, per answer
constexpr double kLongTokens = 50;  ///< from about here on an answer says more of the pace than of the wait
constexpr int64_t kLineAnswersLeast = 20;

}  // namespace

std::optional<Instant> FirstTokenEstimate::learn(Instant duration, int64_t output_tokens) {
  const auto tokens = static_cast<double>(output_tokens);
  const auto took = static_cast<double>(duration.count());
  const double weight = 1 / (1 + (tokens / kLongTokens) * (tokens / kLongTokens));
  // Weighted incremental means and moments: West, Communications of the ACM 22 (1979) 9.
  weight_ = weight_ * kKept + weight;
  const double from_tokens = tokens - tokens_;
  const double from_duration = took - duration_ns_;
  tokens_ += from_tokens * weight / weight_;
  duration_ns_ += from_duration * weight / weight_;
  tokens_squared_ = tokens_squared_ * kKept + weight * from_tokens * (tokens - tokens_);
  product_ = product_ * kKept + weight * from_tokens * (took - duration_ns_);
  if (++answers_ < kLineAnswersLeast) return std::nullopt;
  // A variance of one token is added: answers of one length tell no pace, and then their durations themselves will do.
  const double pace = product_ / (tokens_squared_ + weight_);
  const double rest = took - tokens * pace;
  rest_weight_ = rest_weight_ * kRestKept + weight;
  rest_ns_ += (rest - rest_ns_) * weight / rest_weight_;
  return Instant(static_cast<int64_t>(rest_ns_));
}

}  // namespace harvest::limit

#include "service/limit/token_histogram.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace harvest::limit {
namespace {

constexpr double kStepsPerOctave = 16;
constexpr double kMemory = 250;  ///< values
constexpr double kWeightMost = 1e12;
/// What has been added and taken away in another order.
constexpr double kRounding = 1e-6;

}  // namespace

void TokenHistogram::add(int64_t value, bool cut_off) {
  // Invariant: there is no logarithm of less, and no answer of less than a token.
  assert(value >= 1);
  const auto step = static_cast<size_t>(kStepsPerOctave * std::log2(static_cast<double>(value)));
  if (step >= steps_.size()) steps_.resize(step + 1);
  (cut_off ? steps_[step].cut_off : steps_[step].ended) += static_cast<float>(weight_);
  ++count_;
  weight_ *= kMemory / (kMemory - 1);
  if (weight_ < kWeightMost) return;
  for (Step& each : steps_) {
    each.ended /= static_cast<float>(weight_);
    each.cut_off /= static_cast<float>(weight_);
  }
  weight_ = 1;
}

std::optional<int64_t> TokenHistogram::quantile(double share) const {
  double left = 0;  // those that got as far as the step
  for (const Step& step : steps_) left += static_cast<double>(step.ended) + static_cast<double>(step.cut_off);
  double beyond = 1;  // S
  for (size_t i = 0; i < steps_.size() && left > 0; ++i) {
    if (steps_[i].ended > 0) beyond *= std::max(0.0, 1 - static_cast<double>(steps_[i].ended) / left);
    left -= static_cast<double>(steps_[i].ended) + static_cast<double>(steps_[i].cut_off);
    if (steps_[i].ended > 0 && 1 - beyond >= share - kRounding)
      return std::llround(std::exp2((static_cast<double>(i) + 0.5) / kStepsPerOctave));
  }
  return std::nullopt;
}

}  // namespace harvest::limit

#pragma once

namespace harvest::config {

/// Weights of tenants and jobs are relative, so none needs to be further from 1: the rounds add and take them away, and
/// must not lose the small ones.
inline constexpr double kWeightMin = 1e-6, kWeightMax = 1e6;

/// 0 means 1. False also for what is no number.
constexpr bool is_weight(double weight) {
  return weight == 0 || (weight >= kWeightMin && weight <= kWeightMax);
}

}  // namespace harvest::config

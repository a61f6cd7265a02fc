#pragma once

#include <cstdint>
#include <optional>

namespace harvest::limit {

/// Money under a hard cap, in picodollars: spent + at risk + reserved never exceeds the cap.
///
/// Pure; owned by the decision lane. The store keeps the durable figures (settled in the same batch as the answers);
/// this is their image in memory plus what is reserved by attempts in flight. reserve() asserts that fits() held.
class Budget {
 public:
  /// Without a cap of its own a budget has that of what can be counted: four million dollars.
  static constexpr int64_t kCountedMax = 4'000'000'000'000'000'000;

  explicit Budget(std::optional<int64_t> cap_picodollars = std::nullopt) : cap_(cap_picodollars) {}

  /// Figures as read from the store at start: `spent` includes nothing of `at_risk`.
  void restore(int64_t spent, int64_t at_risk);

  bool fits(int64_t cost) const;
  void reserve(int64_t cost);
  /// Reserved by an earlier run: it stays so even where a cap was lowered since.
  void hold(int64_t cost);
  /// The attempt ended: `reserved` is released, `spent` and `at_risk` are booked.
  void settle(int64_t reserved, int64_t spent, int64_t at_risk);

  void set_cap(std::optional<int64_t> cap_picodollars) { cap_ = cap_picodollars; }
  std::optional<int64_t> cap() const { return cap_; }
  int64_t spent() const { return spent_; }
  int64_t at_risk() const { return at_risk_; }
  int64_t reserved() const { return reserved_; }
  /// Of the cap: booked and reserved; 0 without a cap, or under one of nothing.
  double used_share() const;

 private:
  std::optional<int64_t> cap_;
  int64_t spent_ = 0;
  int64_t at_risk_ = 0;
  int64_t reserved_ = 0;
};

}  // namespace harvest::limit

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

/// One limit on one quantity, enforced as one kind of provider enforces it.
///
///     auto meter = make_meter(Enforcement::kSlidingLog, 600, 60s);
///     if (meter->wait(1, now) == Time::zero()) meter->take(1, now);
///
/// Pure: `now` is an argument and never runs backwards; no clock, no I/O, no thread of its own. The four models differ
/// only in how that which was taken comes back:
///
///     fixed window     all at once, when a new window begins (windows start at time zero)
///     sliding log      each amount exactly one window after it was taken
///     sliding counter  what the window before took, linearly over the running one (the common approximation of a log)
///     token bucket     steadily, limit / window, up to `limit` in store
namespace teachersim::limits {

/// Time since any fixed start; also lengths of time.
using Time = std::chrono::nanoseconds;

/// How many of these units it takes to last so long.
inline std::int64_t rounded_up(Time length, Time unit) {
  return (length + unit - Time(1)) / unit;
}

enum class Enforcement { kFixedWindow, kSlidingLog, kSlidingCounter, kTokenBucket };
std::string_view name_of(Enforcement enforcement);

class Meter {
 public:
  Meter(double limit, Time window) : limit_(limit), window_(window) {}
  virtual ~Meter() = default;
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;

  /// What may still be taken now; negative when overdrawn.
  virtual double remaining(Time now) = 0;
  /// How long until `amount` fits if nothing else is taken meanwhile; zero when it fits now. Requires amount <=
  /// limit().
  virtual Time wait(double amount, Time now) = 0;
  /// Takes without asking: providers that count refused requests, or output after the fact, overdraw.
  virtual void take(double amount, Time now) = 0;
  /// Returns a part of what was taken at `taken_at`, if it still weighs.
  virtual void give_back(double amount, Time taken_at, Time now) = 0;
  /// How long until nothing taken weighs any more.
  virtual Time full_in(Time now) = 0;

  double limit() const { return limit_; }
  Time window() const { return window_; }

 protected:
  /// Amounts are whole numbers; this much forgives the rounding of shares and refills.
  static constexpr double kRounding = 1e-6;

 private:
  const double limit_;
  const Time window_;
};

/// Requires limit > 0 and window > 0.
std::unique_ptr<Meter> make_meter(Enforcement enforcement, double limit, Time window);

/// `share` of `length`, rounded up to the next nanosecond, so that a wait is never too short.
Time part_of(Time length, double share);

}  // namespace teachersim::limits

#include "service/limit/ascent.h"

#include <algorithm>

namespace harvest::limit {
namespace {

using namespace std::chrono_literals;

constexpr double kStepFirst = 1;
constexpr double kStepLeast = 0.01;
constexpr double kStepCreepMost = 0.25;
/// One 429 for so many calls is what finding out may cost.
constexpr int64_t kCallsPerRefusal = 1'200;
/// A slow teacher is not kept at a wrong rate for hours: a step may come after so many minutes' worth of calls, a large
/// one sooner.
constexpr double kSlowestStepMinutes = 10;
constexpr double kSlowestLargeStepMinutes = 0.5;
constexpr int64_t kFewestCalls = 3;
constexpr int64_t kFewestCallsToCreep = 20;

/// What proves a step of at least `step`.
struct Rung {
  double step;
  int64_t calls;
  Instant time;
};
constexpr Rung kRungs[] = {{0.2, 20, 2s}, {0.08, 100, 4s}, {0.03, 400, 10s}, {0, kCallsPerRefusal, 62s}};

}  // namespace

void Ascent::settle(double step, Instant now) {
  step_ = std::max(step, kStepLeast);
  if (phase_ != Phase::kOpen) phase_ = step_ > kStepLeast ? Phase::kNarrowing : Phase::kCreeping;
  arrived_ = arrived_ || phase_ == Phase::kCreeping;
  climbing_ = false;
  lent_ = 0;
  since_ = now;
}

void Ascent::begin(Instant now) {
  phase_ = Phase::kOpen;
  settle(kStepFirst, now);
}

void Ascent::arrive(Instant now) {
  phase_ = Phase::kCreeping;
  settle(kStepLeast, now);
}

bool Ascent::large() const {
  return step_ >= kRungs[0].step;
}

Ascent::Proof Ascent::proof(double calls_per_minute, bool short_window) const {
  const Rung& rung =
      *std::find_if(std::begin(kRungs), std::end(kRungs), [this](const Rung& r) { return step_ >= r.step; });
  int64_t calls = rung.calls;
  if (arrived_) calls = std::max(calls, kCallsPerRefusal * refusals_);
  if (calls_per_minute > 0) {
    const double minutes = large() ? kSlowestLargeStepMinutes : kSlowestStepMinutes;
    const auto patience = static_cast<int64_t>(calls_per_minute * minutes);
    calls = std::min(calls, std::max(large() ? kFewestCalls : kFewestCallsToCreep, patience));
  }
  return {.calls = calls, .time = short_window ? kRungs[0].time : rung.time};
}

void Ascent::climb(bool window_sure, Instant now) {
  if (climbing_) {
    above_ += step_ * (1 + above_);
    lent_ += above_ * std::chrono::duration<double, std::ratio<60>>(now - since_).count();
    if (phase_ == Phase::kNarrowing) {
      step_ = std::max(step_ / 2, kStepLeast);
      if (step_ == kStepLeast) phase_ = Phase::kCreeping;
    } else if (phase_ == Phase::kCreeping && (window_sure || lent_ > 1)) {
      step_ = std::min(2 * step_, kStepCreepMost);
    }
    arrived_ = arrived_ || phase_ == Phase::kCreeping;
  } else {
    above_ = 0;
  }
  climbing_ = true;
  since_ = now;
}

void Ascent::shrink(Instant now) {
  phase_ = Phase::kNarrowing;
  settle(step_ / 2, now);
}

void Ascent::fall(Instant now) {
  refusals_ = 1;
  phase_ = Phase::kNarrowing;
  settle(step_ / 2, now);
}

void Ascent::lose(double share, Instant now) {
  refusals_ = 1;
  if (phase_ != Phase::kOpen) phase_ = Phase::kNarrowing;
  settle(phase_ == Phase::kOpen ? step_ : std::max(step_, share / (1 - share) / 2), now);
}

}  // namespace harvest::limit

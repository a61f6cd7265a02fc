#include "service/limit/first_token_gradient.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace harvest::limit {
namespace {

constexpr double kSmoothing = 0.1;         ///< of the bound; Gradient2's 0.2 swings more at 8 slots
constexpr double kAverageSmoothing = 0.2;  ///< of the first tokens
constexpr double kHeadroom = 0.8;  ///< of the square root, so that few wait at large servers and enough at small
constexpr double kGradientLeast = 0.5;
constexpr double kLeast = 2;

/// How often the floor is looked for, and for how long, in first tokens: whichever is more.
constexpr double kRoundsBetween = 10;
constexpr double kSamplesBetween = 600;
constexpr double kDrainSamples = 30;
/// A floor that is far too low would make us believe that all are waiting; the looking may cost so much.
constexpr double kDrainMost = 0.25;

/// Whoever comes must wait for the model's running step to end, and its length grows with those that are served: that
/// is no queue. Without this, answers of few tokens reach half of what a server can do.
constexpr double kStepNs = 50e6;

constexpr size_t kTimes = 8192;
/// Of fewer first tokens their rate is a guess.
constexpr int64_t kRateSamples = 32;

constexpr Instant kGaugesHold = std::chrono::seconds(5);
constexpr double kWaitingWanted = 1.5;
constexpr double kGaugeSmoothing = 0.3;  ///< one reading is a moment's

}  // namespace

double FirstTokenGradient::headroom() const {
  return std::max(1.0, kHeadroom * std::sqrt(bound_));
}

void FirstTokenGradient::restore(int64_t bound) {
  bound_ = std::max(static_cast<double>(bound), kLeast);
}

void FirstTokenGradient::remember(Instant first_token, Instant now) {
  times_.push_back(now);
  if (times_.size() > kTimes) times_.pop_front();
  const double measured = static_cast<double>(first_token.count());
  if (!average_ns_) floor_ns_ = measured;
  average_ns_ = average_ns_ ? *average_ns_ + (measured - *average_ns_) * kAverageSmoothing : measured;
  floor_ns_ = std::min(floor_ns_, *average_ns_);
}

bool FirstTokenGradient::draining() {
  ++samples_;
  if (!drained_to_) {
    if (samples_ < std::max(kSamplesBetween, kRoundsBetween * bound_)) return false;
    drained_to_ = std::max(kLeast, bound_ - std::min(waiting_, kDrainMost * bound_));
    floor_ns_ = *average_ns_;
    samples_ = 0;
  } else if (samples_ >= std::max(kDrainSamples, bound_)) {
    drained_to_.reset();
    samples_ = 0;
  }
  return drained_to_.has_value();
}

std::optional<double> FirstTokenGradient::round_ns(int64_t in_flight) const {
  const auto known = static_cast<int64_t>(times_.size()) - 1;
  if (known < std::min(in_flight, static_cast<int64_t>(kTimes) - 1)) return std::nullopt;
  const int64_t counted = std::min(known, std::max(in_flight, kRateSamples));
  const Instant span = times_.back() - times_[static_cast<size_t>(known - counted)];
  if (span <= Instant::zero()) return std::nullopt;
  return static_cast<double>(span.count()) * static_cast<double>(in_flight) / static_cast<double>(counted);
}

void FirstTokenGradient::learn(Instant first_token, int64_t in_flight, Instant now) {
  // Invariant: it was in flight itself when it was sent.
  assert(in_flight >= 1);
  // It was alone: there was a pause, and rates from before it say nothing.
  if (in_flight == 1) times_.clear();
  remember(first_token, now);
  if (now < gauges_hold_until_ || draining()) return;
  const auto sent_into = static_cast<double>(in_flight);
  if (2 * sent_into < bound_) return;
  const std::optional<double> round = round_ns(in_flight);
  if (!round) return;
  const double wait = std::max(0.0, *average_ns_ - floor_ns_);
  waiting_ += (wait / *round * sent_into - waiting_) * kSmoothing;
  const double gradient = std::clamp(1 - std::max(0.0, wait - kStepNs) / *round, kGradientLeast, 1.0);
  bound_ += (gradient * sent_into + headroom() - bound_) * kSmoothing;
  bound_ = std::max(bound_, kLeast);
}

void FirstTokenGradient::learn_waiting(int64_t waiting, int64_t running, int64_t in_flight, Instant now) {
  gauges_hold_until_ = now + kGaugesHold;
  drained_to_.reset();
  samples_ = 0;
  const auto ours = static_cast<double>(in_flight);
  if (waiting > 2) {
    // Of those that run, ours are as large a part as of all: the line is one for everybody.
    const double gradient = static_cast<double>(running) / static_cast<double>(running + waiting);
    const double wanted = std::max(gradient, kGradientLeast) * ours + kWaitingWanted;
    bound_ = std::max(kLeast, std::min(bound_, bound_ + (wanted - bound_) * kGaugeSmoothing));
  } else if (waiting < 1 && 2 * ours >= bound_) {
    bound_ = std::max(bound_, ours + headroom());
  }
}

}  // namespace harvest::limit

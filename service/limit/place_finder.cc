#include "service/limit/place_finder.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace harvest::limit {
namespace {

using namespace std::chrono_literals;

constexpr int64_t kCallsPerRefusal = 1'200;
constexpr Instant kProofLeast = 1min;
/// Eight times as seldom at most: a bound that was raised is found again within minutes of full use.
constexpr int kRarestShift = 3;
/// While going up, all places taken once, and so many at least.
constexpr int64_t kFewestCalls = 20;
/// Of the calls admitted lately one in so many may have left with as many in flight as one that was refused.
constexpr int64_t kOneAbove = 32;
/// Twice as long: what was admitted longer ago may have been by another bound.
constexpr Instant kMostTrust = 15min;

/// Our count has those that the vendor has done with and those that it has yet to see, a few in a hundred; it must
/// not be so many as the number in flight swings by where a rate is what bounds.
int64_t wire(int64_t places) {
  const auto spread = static_cast<int64_t>(std::sqrt(static_cast<double>(places)) / 2);
  return std::max<int64_t>(std::min(places / 32, spread), 1);
}

}  // namespace

void PlaceFinder::restore(int64_t bound) {
  forget();
  bound_ = top_ = proved_ = bound;
}

void PlaceFinder::forget() {
  bound_.reset();
  climbing_ = false;
  step_ = 1;
  fallen_ = 0;
  slips_ = 0;
  alike_ = 0;
}

void PlaceFinder::note(int64_t among, Instant now) {
  recent_[static_cast<size_t>(admitted_++ % kRecent)] = static_cast<int32_t>(among);
  if (now >= most_since_ + kMostTrust) {
    most_before_ = now < most_since_ + 2 * kMostTrust ? most_ : 0;
    most_ = 0;
    most_since_ = now;
  }
  most_ = std::max(most_, among);
}

void PlaceFinder::admitted(int64_t among, Instant sent_at, Instant now) {
  if (sent_at < since_) return;
  note(among, now);
  if (!bound_ || among < *bound_) return;
  ++full_;
  if (is_proved(now)) go_up(now);
}

bool PlaceFinder::is_proved(Instant now) const {
  if (climbing_ || step_ > 1) return full_ >= std::max(kFewestCalls, *bound_);
  const int shift = std::min(fallen_, kRarestShift);
  return full_ >= kCallsPerRefusal << shift && now - since_ >= kProofLeast * (1 << shift);
}

void PlaceFinder::go_up(Instant now) {
  if (climbing_) step_ = std::min(2 * step_, *bound_);
  proved_ = *bound_;
  if (proved_ > top_ + wire(top_)) {
    // More than could be lent by what is on the wire: it was raised.
    top_ = proved_;
    fallen_ = 0;
  }
  slips_ = 0;
  climbing_ = true;
  *bound_ += step_;
  full_ = 0;
  since_ = now;
}

bool PlaceFinder::is_highest(int64_t among) const {
  const int64_t most = std::max(most_, most_before_);
  if (among + 2 * wire(most) < most) return false;
  const int64_t known = std::min(admitted_, kRecent);
  const int64_t above = std::count_if(recent_.begin(), recent_.begin() + known, [&](int32_t a) { return a >= among; });
  return kOneAbove * above <= known;
}

bool PlaceFinder::refused(int64_t among, Instant now) {
  if (bound_) {
    fall(among, now);
    if (slips_ <= kSlipsMost && *bound_ + 2 * wire(top_) >= top_) return true;
    doubt(now);
    return false;
  }
  if (!is_highest(among)) return alike_ = 0, false;
  const bool alike = alike_ > 0 && std::abs(among - least_) <= wire(least_);
  alike_ = alike ? alike_ + 1 : 1;
  least_ = alike ? std::min(least_, among) : among;
  if (alike_ < needed_) return false;
  believe(least_, now);
  return true;
}

void PlaceFinder::refused_as_well(int64_t among) {
  if (alike_ > 0) least_ = std::min(least_, among);
  // A large step was refused: so far it was good at most.
  if (bound_ && among <= *bound_) bound_ = std::max(std::min(proved_, *bound_), among - 1);
}

void PlaceFinder::refused_by_name(int64_t among, Instant now) {
  if (bound_)
    fall(among, now);
  else
    believe(among, now);
}

void PlaceFinder::believe(int64_t among, Instant now) {
  restore(std::max<int64_t>(among - 1, 1));
  full_ = 0;
  since_ = now;
}

void PlaceFinder::fall(int64_t among, Instant now) {
  const int64_t before = climbing_ ? proved_ : *bound_;
  ++fallen_;
  proved_ = before;
  if (climbing_ && among + wire(before) > before) {
    // Of a large step it tells how far that was good.
    step_ = 1;
    bound_ = std::max(before, among - 1 - wire(among));
  } else {
    ++slips_;
    const bool far = among + 2 * wire(before) < before;
    bound_ = std::max<int64_t>(std::min(among - 1, before - std::max<int64_t>(wire(before) / 2, 1)), 1);
    step_ = far ? (before - *bound_) / 2 : 1;
    proved_ = *bound_;
  }
  climbing_ = false;
  full_ = 0;
  since_ = now;
}

void PlaceFinder::doubt(Instant now) {
  if (bound_) {
    // What was admitted before may have been by other limits.
    needed_ = std::min(2 * needed_, kAlikeMost);
    admitted_ = most_ = most_before_ = 0;
    since_ = now;
  }
  forget();
}

}  // namespace harvest::limit

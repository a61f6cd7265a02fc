#include "service/limit/slow_start.h"

#include <algorithm>
#include <cassert>

namespace harvest::limit {
namespace {

constexpr double kSecondNs = 1e9;
constexpr double kForgets = 1.0 / 16;
constexpr double kFasterForgets = 1.0 / 2;  // a server next door is noticed at once
/// Timers are no finer than this: what is due within it goes together.
constexpr int64_t kTogetherNs = 1'000'000;
/// From here on there is nothing left to restrain.
constexpr double kFreePerSecond = 50'000;

}  // namespace

Instant SlowStart::ready_at(Instant now) const {
  if (!on_) return now;
  int64_t ready = next_ns_ - std::max(kTogetherNs, static_cast<int64_t>(confirmed_after_ns_ / 8));
  const int64_t slot = now.count() / kSlotNs;
  int64_t unconfirmed = unconfirmed_;
  // What is a second old by now has been admitted; advance() will say so, this function changes nothing.
  int64_t oldest = newest_ - kSlots + 1;
  for (; oldest <= std::min(slot - kSlots, newest_); ++oldest)
    if (oldest >= 0) unconfirmed -= slots_[static_cast<size_t>(oldest % kSlots)];
  const int64_t window = window_ + unconfirmed_ - unconfirmed;
  for (; unconfirmed >= window && oldest <= newest_; ++oldest) {
    if (oldest >= 0) unconfirmed -= slots_[static_cast<size_t>(oldest % kSlots)];
    ready = std::max(ready, (oldest + kSlots) * kSlotNs);
  }
  return Instant(ready);
}

void SlowStart::advance(Instant now) {
  const int64_t slot = now.count() / kSlotNs;
  if (slot > newest_ + 2 * kSlots) newest_ = std::max(newest_, slot - 2 * kSlots);
  while (newest_ < slot) {
    ++newest_;
    const int64_t aged = at(newest_);
    at(newest_) = 0;
    unconfirmed_ -= aged;
    if (aged > 0) {
      confirmed_after_ns_ += (kSecondNs - confirmed_after_ns_) * std::min(1.0, kForgets * static_cast<double>(aged));
      grow(aged);
    }
  }
}

void SlowStart::sent(Instant now) {
  if (!on_) return;
  advance(now);
  ++at(newest_);
  ++unconfirmed_;
  // The first few go together: there is nothing yet to spread them by.
  const double apart = window_ == kFirst ? 0 : confirmed_after_ns_ / static_cast<double>(window_);
  next_ns_ = std::max(next_ns_, now.count()) + static_cast<int64_t>(apart);
}

bool SlowStart::take_out(Instant sent_at, Instant now) {
  advance(now);
  const int64_t slot = sent_at.count() / kSlotNs;
  if (slot <= newest_ - kSlots || slot > newest_ || slot < 0 || at(slot) == 0) return false;
  --at(slot);
  --unconfirmed_;
  return true;
}

void SlowStart::admitted(Instant sent_at, Instant now) {
  if (!on_ || !take_out(sent_at, now)) return;
  const double took = std::min(static_cast<double>((now - sent_at).count()), kSecondNs);
  confirmed_after_ns_ += (took - confirmed_after_ns_) * (took < confirmed_after_ns_ ? kFasterForgets : kForgets);
  grow(1);
}

void SlowStart::forget(Instant sent_at, Instant now) {
  if (on_) take_out(sent_at, now);
}

void SlowStart::grow(int64_t by) {
  // A window that is not in use says nothing of what would be admitted.
  if (2 * (unconfirmed_ + by) >= window_) window_ += by;
  if (static_cast<double>(window_) * kSecondNs / confirmed_after_ns_ > kFreePerSecond) on_ = false;
}

}  // namespace harvest::limit

#include "service/limit/window_book.h"

#include <algorithm>
#include <cassert>
#include <span>

namespace harvest::limit {
namespace {

int64_t ceil_div(int64_t value, int64_t by) {
  return (value + by - 1) / by;
}

/// Slots of a ring from a given one backwards; the first `unfilled` are empty, as nobody has reached them yet.
class Backwards {
 public:
  Backwards(std::span<const int64_t> ring, int64_t from, int64_t unfilled)
      : ring_(ring), at_(static_cast<size_t>(from) % ring.size()), unfilled_(unfilled) {}
  int64_t next() {
    if (unfilled_ > 0) return --unfilled_, 0;
    const int64_t amount = ring_[at_];
    at_ = (at_ == 0 ? ring_.size() : at_) - 1;
    return amount;
  }

 private:
  std::span<const int64_t> ring_;
  size_t at_;
  int64_t unfilled_;
};

}  // namespace

bool WindowBook::shape(Instant window, Instant jitter) {
  const int64_t slot_ns = ceil_div(window.count() + jitter.count(), kSpanSlots);
  if (window.count() == window_ns_ && slot_ns == slot_ns_) return false;
  *this = WindowBook();
  window_ns_ = window.count();
  slot_ns_ = slot_ns;
  window_slots_ = ceil_div(window.count(), slot_ns);
  jitter_slots_ = ceil_div(jitter.count(), slot_ns) + 1;
  assert(2 * window_slots_ + jitter_slots_ < kSlots);
  return true;
}

int64_t WindowBook::aged(int64_t slot, int64_t age) const {
  const int64_t wanted = slot - age;
  if (wanted < 0 || wanted > newest_ || wanted <= newest_ - kSlots) return 0;
  return slots_[static_cast<size_t>(wanted % kSlots)];
}

void WindowBook::advance(Instant now) {
  const int64_t slot = now.count() / slot_ns_;
  if (slot >= newest_ + kSlots) {
    slots_.fill(0);
    recent_ = 0;
    newest_ = slot;
  }
  while (newest_ < slot) {
    recent_ -= aged(newest_, kSpanSlots);
    ++newest_;
    at(newest_) = 0;
  }
  const int64_t index = now.count() / window_ns_;
  if (index > window_index_) {
    window_before_ = index == window_index_ + 1 ? window_now_ : 0;
    window_now_ = 0;
    window_index_ = index;
  }
}

void WindowBook::add(int64_t amount, Instant now) {
  assert(amount >= 0 && now.count() >= 0);
  advance(now);
  at(newest_) += amount;
  recent_ += amount;
  window_now_ += amount;
}

void WindowBook::amend(Instant taken_at, int64_t amount, Instant now) {
  advance(now);
  const int64_t slot = taken_at.count() / slot_ns_;
  if (slot <= newest_ && slot > newest_ - kSlots && slot >= 0) {
    // Never below zero: a book that was begun anew in between does not know what is given back.
    const int64_t change = std::max(amount, -at(slot));
    at(slot) += change;
    if (slot >= newest_ - kSpanSlots) recent_ += change;
  }
  const int64_t index = taken_at.count() / window_ns_;
  if (index == window_index_) window_now_ = std::max<int64_t>(window_now_ + amount, 0);
  if (index == window_index_ - 1) window_before_ = std::max<int64_t>(window_before_ + amount, 0);
}

int64_t WindowBook::weight(Instant now) const {
  const int64_t gone = std::min(now.count() / slot_ns_ - newest_, kSpanSlots + 1);
  int64_t weight = recent_;
  for (int64_t i = 0; i < gone; ++i) weight -= aged(newest_, kSpanSlots - i);
  return weight;
}

int64_t WindowBook::worst_estimate(Instant now) const {
  // Asked for at almost every attempt where there are refunds: two walks and one division.
  const int64_t unfilled = now.count() / slot_ns_ - newest_;
  if (unfilled >= kSlots) return 0;
  Backwards near(slots_, newest_, unfilled);
  int64_t running = 0;  // A(f W + D)
  for (int64_t age = 0; age <= jitter_slots_; ++age) running += near.next();
  Backwards far = near;
  int64_t both = running;  // A((1 + f) W + D)
  for (int64_t passed = 0; passed < window_slots_; ++passed) both += far.next();
  __int128 worst = static_cast<__int128>(both) * window_slots_;  // in as many parts as the window has slots
  for (int64_t passed = 1; passed <= window_slots_; ++passed) {
    running += near.next();
    both += far.next();
    const __int128 shares =
        static_cast<__int128>(running) * passed + static_cast<__int128>(both) * (window_slots_ - passed);
    worst = std::max(worst, shares);
  }
  return static_cast<int64_t>((worst + window_slots_ - 1) / window_slots_);
}

Instant WindowBook::light_at(int64_t room, Instant now) const {
  const auto light = [&](Instant then) { return weight(then) <= room && worst_estimate(then) <= room; };
  if (light(now)) return now;
  // By halves: the slot at which it is light, and the ones after it, are the upper part.
  const int64_t slot = now.count() / slot_ns_;
  int64_t heavy = slot, lighter = slot + kSlots;
  while (lighter - heavy > 1) {
    const int64_t middle = heavy + (lighter - heavy) / 2;
    (light(Instant(middle * slot_ns_)) ? lighter : heavy) = middle;
  }
  return Instant(lighter * slot_ns_);
}

int64_t WindowBook::last_window(Instant now) const {
  const int64_t index = now.count() / window_ns_;
  if (index == window_index_) return window_before_;
  return index == window_index_ + 1 ? window_now_ : 0;
}

}  // namespace harvest::limit

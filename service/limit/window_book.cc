#include "service/limit/window_book.h"

#include <algorithm>
#include <cassert>

namespace harvest::limit {
namespace {

int64_t ceil_div(int64_t value, int64_t by) {
  return (value + by - 1) / by;
}

}  // namespace

void WindowBook::shape(Instant window, Instant jitter) {
  const int64_t slot_ns = ceil_div(window.count() + jitter.count(), kSpanSlots);
  if (window.count() == window_ns_ && slot_ns == slot_ns_) return;
  *this = WindowBook();
  window_ns_ = window.count();
  slot_ns_ = slot_ns;
  window_slots_ = ceil_div(window.count(), slot_ns);
  jitter_slots_ = ceil_div(jitter.count(), slot_ns) + 1;
  assert(2 * window_slots_ + jitter_slots_ < kSlots);
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
  const int64_t slot = now.count() / slot_ns_;
  int64_t running = 0;  // A(f W + D)
  for (int64_t age = 0; age <= jitter_slots_; ++age) running += aged(slot, age);
  int64_t both = running;  // A((1 + f) W + D)
  for (int64_t age = jitter_slots_ + 1; age <= jitter_slots_ + window_slots_; ++age) both += aged(slot, age);
  int64_t worst = both;
  for (int64_t passed = 1; passed <= window_slots_; ++passed) {
    running += aged(slot, jitter_slots_ + passed);
    both += aged(slot, jitter_slots_ + window_slots_ + passed);
    const __int128 shares =
        static_cast<__int128>(running) * passed + static_cast<__int128>(both) * (window_slots_ - passed);
    worst = std::max(worst, static_cast<int64_t>((shares + window_slots_ - 1) / window_slots_));
  }
  return worst;
}

int64_t WindowBook::last_window(Instant now) const {
  const int64_t index = now.count() / window_ns_;
  if (index == window_index_) return window_before_;
  return index == window_index_ + 1 ? window_now_ : 0;
}

}  // namespace harvest::limit

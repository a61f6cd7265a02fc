#include "service/limit/window_book.h"

#include <algorithm>
#include <cassert>

namespace harvest::limit {

void WindowBook::shape(Instant window, Instant jitter) {
  const int64_t slot_ns = (window.count() + jitter.count() + kSlots - 1) / kSlots;
  if (window.count() == window_ns_ && slot_ns == slot_ns_) return;
  *this = WindowBook();
  window_ns_ = window.count();
  slot_ns_ = slot_ns;
}

void WindowBook::advance(Instant now) {
  const int64_t slot = now.count() / slot_ns_;
  if (slot > newest_ + kSlots) {
    slots_.fill(0);
    total_ = 0;
    newest_ = slot;
  }
  while (newest_ < slot) {
    ++newest_;
    total_ -= at(newest_);
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
  total_ += amount;
  window_now_ += amount;
}

void WindowBook::amend(Instant taken_at, int64_t amount, Instant now) {
  advance(now);
  const int64_t slot = taken_at.count() / slot_ns_;
  if (slot <= newest_ && slot >= newest_ - kSlots && slot >= 0) {
    // Never below zero: a book that was begun anew in between does not know what is given back.
    const int64_t change = std::max(amount, -at(slot));
    at(slot) += change;
    total_ += change;
  }
  const int64_t index = taken_at.count() / window_ns_;
  if (index == window_index_) window_now_ = std::max<int64_t>(window_now_ + amount, 0);
  if (index == window_index_ - 1) window_before_ = std::max<int64_t>(window_before_ + amount, 0);
}

int64_t WindowBook::weight(Instant now) const {
  int64_t weight = total_;
  const int64_t first = std::max<int64_t>(newest_ - kSlots, 0);
  for (int64_t slot = first; slot < oldest(now) && slot <= newest_; ++slot) weight -= at(slot);
  return weight;
}

Instant WindowBook::weighs_at_most(int64_t most, Instant now) const {
  int64_t weight = total_;
  int64_t slot = std::max<int64_t>(newest_ - kSlots, 0);
  for (; slot < oldest(now) && slot <= newest_; ++slot) weight -= at(slot);
  if (weight <= most) return now;
  for (; slot <= newest_; ++slot) {
    weight -= at(slot);
    // Slot s is gone once now / slot_ns_ - kSlots > s.
    if (weight <= most) return Instant((slot + kSlots + 1) * slot_ns_);
  }
  return Instant((newest_ + kSlots + 1) * slot_ns_);
}

int64_t WindowBook::last_window(Instant now) const {
  const int64_t index = now.count() / window_ns_;
  if (index == window_index_) return window_before_;
  return index == window_index_ + 1 ? window_now_ : 0;
}

}  // namespace harvest::limit

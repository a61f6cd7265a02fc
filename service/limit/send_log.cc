#include "service/limit/send_log.h"

#include <algorithm>
#include <cassert>

namespace harvest::limit {

void SendLog::advance(Instant now) {
  const int64_t slot = slot_of(now);
  if (slot >= newest_ + kSlots) {
    std::fill(slots_.begin(), slots_.end(), 0);
    newest_ = slot;
  }
  while (newest_ < slot) at(++newest_) = 0;
}

void SendLog::add(int64_t amount, Instant now) {
  assert(amount >= 0 && now.count() >= 0);
  slots_.resize(kSlots);
  advance(now);
  at(newest_) += amount;
}

void SendLog::amend(Instant sent_at, int64_t amount, Instant now) {
  if (slots_.empty()) return;
  advance(now);
  const int64_t slot = slot_of(sent_at);
  if (slot > newest_ || slot <= newest_ - kSlots || slot < 0) return;
  at(slot) = std::max<int64_t>(at(slot) + amount, 0);
}

int64_t SendLog::between(Instant from, Instant until) const {
  const int64_t first = std::max({slot_of(from), newest_ - kSlots + 1, int64_t{0}});
  const int64_t last = std::min(slot_of(until), newest_);
  int64_t sum = 0;
  if (slots_.empty()) return sum;
  for (int64_t slot = first; slot <= last; ++slot) sum += slots_[static_cast<size_t>(slot % kSlots)];
  return sum;
}

}  // namespace harvest::limit

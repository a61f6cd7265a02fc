#include "tests/teachersim/limits/sliding_log.h"

#include <algorithm>

namespace teachersim::limits {

double SlidingLog::remaining(Time now) {
  forget_before(now);
  return limit() - sum_;
}

Time SlidingLog::wait(double amount, Time now) {
  double missing = amount - remaining(now);
  if (missing <= kRounding) return Time::zero();
  for (const Entry& entry : log_) {
    missing -= entry.amount;
    if (missing <= kRounding) return entry.at + window() - now;
  }
  return window();
}

void SlidingLog::take(double amount, Time now) {
  forget_before(now);
  sum_ += amount;
  if (!log_.empty() && log_.back().at == now) {
    log_.back().amount += amount;
  } else {
    log_.push_back({now, amount});
  }
}

void SlidingLog::give_back(double amount, Time taken_at, Time now) {
  forget_before(now);
  const auto entry = std::lower_bound(log_.begin(), log_.end(), taken_at,
                                      [](const Entry& candidate, Time at) { return candidate.at < at; });
  if (entry == log_.end() || entry->at != taken_at) return;
  entry->amount -= amount;
  sum_ -= amount;
}

Time SlidingLog::full_in(Time now) {
  forget_before(now);
  while (!log_.empty() && log_.back().amount <= kRounding) log_.pop_back();
  return log_.empty() ? Time::zero() : log_.back().at + window() - now;
}

void SlidingLog::forget_before(Time now) {
  while (!log_.empty() && log_.front().at + window() <= now) {
    sum_ -= log_.front().amount;
    log_.pop_front();
  }
  if (log_.empty()) sum_ = 0;
}

}  // namespace teachersim::limits

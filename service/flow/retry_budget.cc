#include "service/flow/retry_budget.h"

#include <algorithm>
#include <cassert>

namespace harvest::flow {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
/// One retry a second is always borne: a teacher that is hardly asked can be asked again.
constexpr double kReserve = 60;
constexpr double kMinuteNs = 60e9;

int64_t second_of(RetryBudget::Instant when) {
  return when.count() / kSecondNs;
}

}  // namespace

RetryBudget::RetryBudget(double ratio) : ratio_(ratio) {
  assert(ratio >= 0);
}

RetryBudget::Second& RetryBudget::at(Instant when) {
  const int64_t index = second_of(when);
  Second& second = seconds_[static_cast<size_t>(index % kSeconds)];
  // An older second than the ring holds: whoever returns so late is counted in the one that took its place.
  if (second.index < index) second = Second{.index = index};
  return second;
}

double RetryBudget::most(Instant now) const {
  int64_t first_attempts = 0;
  for (const Second& second : seconds_) {
    if (second.index > second_of(now) - kSeconds) first_attempts += second.first_attempts;
  }
  return ratio_ * static_cast<double>(first_attempts) + kReserve;
}

int64_t RetryBudget::retries(Instant now) const {
  int64_t retries = 0;
  for (const Second& second : seconds_) {
    if (second.index > second_of(now) - kSeconds) retries += second.retries;
  }
  return retries;
}

void RetryBudget::return_due(Instant now) {
  for (; !due_.empty() && due_.front() <= now; due_.pop_front()) ++at(due_.front()).retries;
}

void RetryBudget::first_attempt(Instant now) {
  ++at(now).first_attempts;
}

bool RetryBudget::allow(Instant now) {
  return_due(now);
  if (!due_.empty() || static_cast<double>(retries(now) + 1) > most(now)) return false;
  ++at(now).retries;
  return true;
}

RetryBudget::Instant RetryBudget::wait(Instant now) {
  return_due(now);
  const auto spacing = Instant(static_cast<int64_t>(kMinuteNs / most(now)));
  const Instant behind = due_.empty() ? now + Instant(kSeconds * kSecondNs) : due_.back() + spacing;
  due_.push_back(std::clamp(behind, now, now + kWaitMax));
  return due_.back() - now;
}

}  // namespace harvest::flow

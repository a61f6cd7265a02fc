#include "service/limit/concurrency_window.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace harvest::limit {
namespace {

constexpr double kDecrease = 0.9;
/// Of a narrow window a round is so short that growing with each would meet a 429 in each.
constexpr double kRoundLeast = 32;

}  // namespace

void ConcurrencyWindow::configure(std::optional<int64_t> most, bool adaptive, bool queues) {
  most_ = most;
  adaptive_ = adaptive;
  if (!adaptive_) {
    window_.reset();
    places_.forget();
  }
  if (!queues) queue_.reset();
  if (!queues || queue_) return;
  queue_.emplace();
  // Told late that it queues: what an earlier run found was this.
  if (const auto found = places_.bound()) restore(*found);
  places_.forget();
}

int64_t ConcurrencyWindow::bound() const {
  int64_t most = most_.value_or(std::numeric_limits<int64_t>::max());
  if (queue_) most = std::min(most, queue_->gradient.bound());
  most = std::min(most, places_.bound().value_or(most));
  return window_ ? std::min(most, static_cast<int64_t>(*window_)) : most;
}

int64_t ConcurrencyWindow::found() const {
  if (queue_) return queue_->gradient.bound();
  if (places_.bound()) return *places_.bound();
  return window_ ? static_cast<int64_t>(*window_) : 0;
}

void ConcurrencyWindow::restore(int64_t found) {
  if (found <= 0) return;
  if (queue_)
    queue_->gradient.restore(found);
  else
    places_.restore(found);
}

void ConcurrencyWindow::enter() {
  most_in_flight_ = std::max(most_in_flight_, ++in_flight_);
}

void ConcurrencyWindow::leave() {
  assert(in_flight_ > 0);
  --in_flight_;
}

void ConcurrencyWindow::throttled() {
  if (!adaptive_) return;
  const double before = window_.value_or(static_cast<double>(most_in_flight_));
  most_in_flight_ = in_flight_;
  // Never below one: a batch harvester has no use for a closed window, the hold after a 429 is pause enough.
  window_ = std::max(before * kDecrease, 1.0);
}

bool ConcurrencyWindow::refused(const Feedback& feedback, Backoff::Refusal refusal, Instant now) {
  const int64_t among = feedback.in_flight == 0 ? in_flight_ + 1 : feedback.in_flight;
  if (refusal == Backoff::Refusal::kEcho) return places_.refused_as_well(among), false;
  if (feedback.refused_by == Dimension::kConcurrency) {
    places_.refused_by_name(among, now);
    return true;
  }
  // Who says when to come back counts by time.
  const bool told = feedback.retry_after.value_or(Instant::zero()) > Instant::zero();
  if (feedback.refused_by || told || !adaptive_ || queue_) return false;
  const std::optional<int64_t> before = places_.bound();
  if (refusal == Backoff::Refusal::kMore) {
    places_.doubt(now);  // it went alone
  } else if (places_.refused(among, now)) {
    if (!before) window_.reset();
    return true;
  }
  return false;
}

void ConcurrencyWindow::passed(const Feedback& feedback, Instant now) {
  if (feedback.in_flight > 0) places_.admitted(feedback.in_flight, feedback.sent_at.value_or(now), now);
  if (feedback.answer) answered(feedback, now);
  if (!window_ || 2 * (in_flight_ + 1) < static_cast<int64_t>(*window_)) return;
  *window_ += 1.0 / std::max(*window_, kRoundLeast);
}

void ConcurrencyWindow::told(int64_t waiting, int64_t running, Instant now) {
  if (queue_) queue_->gradient.learn_waiting(waiting, running, in_flight_, now);
}

void ConcurrencyWindow::answered(const Feedback& feedback, Instant now) {
  if (!queue_) return;
  const Feedback::Answer& answer = *feedback.answer;
  const std::optional<Instant> first_token =
      answer.first_token ? answer.first_token : queue_->estimate.learn(answer.duration, answer.output_tokens);
  if (first_token) queue_->gradient.learn(*first_token, feedback.in_flight, now);
}

}  // namespace harvest::limit

#include "service/limit/concurrency_window.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace harvest::limit {
namespace {

constexpr double kDecrease = 0.9;
/// Of a narrow window a round is so short that growing with each would meet a 429 in each.
constexpr double kRoundLeast = 32;

}  // namespace

void ConcurrencyWindow::configure(std::optional<int64_t> most, bool adaptive, bool queues) {
  most_ = most;
  adaptive_ = adaptive;
  if (!adaptive_) window_.reset();
  if (!queues) queue_.reset();
  if (!queues || queue_) return;
  queue_.emplace();
  // Told late that it queues: what an earlier run found was this.
  if (const auto found = std::exchange(window_, std::nullopt)) restore(static_cast<int64_t>(*found));
}

int64_t ConcurrencyWindow::bound() const {
  int64_t most = most_.value_or(std::numeric_limits<int64_t>::max());
  if (queue_) most = std::min(most, queue_->gradient.bound());
  return window_ ? std::min(most, static_cast<int64_t>(*window_)) : most;
}

int64_t ConcurrencyWindow::found() const {
  if (queue_) return queue_->gradient.bound();
  return window_ ? static_cast<int64_t>(*window_) : 0;
}

void ConcurrencyWindow::restore(int64_t found) {
  if (found <= 0) return;
  if (queue_)
    queue_->gradient.restore(found);
  else
    window_ = static_cast<double>(found);
}

void ConcurrencyWindow::enter() {
  most_in_flight_ = std::max(most_in_flight_, ++in_flight_);
}

void ConcurrencyWindow::leave() {
  assert(in_flight_ > 0);
  --in_flight_;
}

void ConcurrencyWindow::throttled(bool named) {
  if (!adaptive_ && !named) return;
  const double before = window_.value_or(static_cast<double>(most_in_flight_));
  most_in_flight_ = in_flight_;
  // Never below one: a batch harvester has no use for a closed window, the hold after a 429 is pause enough.
  window_ = std::max(before * kDecrease, 1.0);
}

void ConcurrencyWindow::refused_alone() {
  throttled(true);
  window_ = std::clamp(static_cast<double>(in_flight_), 1.0, *window_);
}

void ConcurrencyWindow::passed() {
  if (!window_ || 2 * (in_flight_ + 1) < static_cast<int64_t>(*window_)) return;
  *window_ += 1.0 / std::max(*window_, kRoundLeast);
}

void ConcurrencyWindow::told(int64_t waiting, int64_t running, Instant now) {
  if (queue_) queue_->gradient.learn_waiting(waiting, running, in_flight_, now);
}

void ConcurrencyWindow::answered(const Feedback::Answer& answer, Instant now) {
  if (!queue_) return;
  const std::optional<Instant> first_token =
      answer.first_token ? answer.first_token : queue_->estimate.learn(answer.duration, answer.output_tokens);
  if (first_token) queue_->gradient.learn(*first_token, answer.in_flight, now);
}

}  // namespace harvest::limit

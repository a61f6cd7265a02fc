#include "service/limit/backoff.h"

#include <algorithm>

namespace harvest::limit {
namespace {

constexpr int64_t kWholePpm = 1'000'000;
constexpr int64_t kStepPpm = 20'000;
/// A storm of 429s that has other causes must not stop a teacher for an hour: a tenth of the rate is probe enough.
constexpr int64_t kFloorPpm = 100'000;
constexpr Instant kUntoldHold = std::chrono::seconds(1);
constexpr Instant kUntoldHoldMax = std::chrono::seconds(60);

}  // namespace

bool Backoff::throttled(std::optional<Instant> retry_after, std::optional<Instant> sent_at, Instant now) {
  recover(now);
  const bool echo = sent_at ? *sent_at <= cut_at_ : now < hold_until_;
  Instant hold = echo ? Instant::zero() : next_hold_;
  if (retry_after) hold = std::clamp(*retry_after, Instant::zero(), kHoldMax);
  hold_until_ = std::max(hold_until_, now + hold);
  clean_since_ = std::max(now, hold_until_);
  if (echo) return false;

  if (!retry_after) next_hold_ = std::min(next_hold_ * 2, kUntoldHoldMax);
  ratio_ppm_ = std::max(ratio_ppm_ * 8 / 10, kFloorPpm);
  cut_at_ = now;
  return true;
}

void Backoff::recover(Instant now) {
  if (ratio_ppm_ == kWholePpm || now < clean_since_ + window_) return;
  next_hold_ = kUntoldHold;
  const int64_t windows = (now - clean_since_) / window_;
  ratio_ppm_ = std::min(kWholePpm, ratio_ppm_ + std::min<int64_t>(windows, kWholePpm / kStepPpm) * kStepPpm);
  clean_since_ += windows * window_;
}

}  // namespace harvest::limit

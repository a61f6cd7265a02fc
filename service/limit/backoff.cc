#include "service/limit/backoff.h"

#include <algorithm>

#include "service/limit/feedback.h"

namespace harvest::limit {
namespace {

constexpr int64_t kWholePpm = 1'000'000;
constexpr int64_t kStepPpm = 20'000;
/// A storm of 429s that has other causes must not stop a teacher for an hour: a tenth of the rate is probe enough.
constexpr int64_t kFloorPpm = 100'000;
constexpr Instant kUntoldHold = std::chrono::seconds(1);
constexpr Instant kTryMost = std::chrono::seconds(5);
constexpr Instant kCarriedMost = std::chrono::seconds(60);

}  // namespace

Backoff::Refusal Backoff::throttled(std::optional<Instant> retry_after, std::optional<Instant> sent_at, Instant now) {
  recover(now);
  const bool echo = sent_at ? *sent_at <= cut_at_ : now < hold_until_;
  // The try was admitted, or it would have been refused before this one left.
  if (!echo && tried_at_ != Instant::max() && sent_at.value_or(now) >= tried_at_ + kAdmittedAfter) admitted_ = true;
  const bool news = !echo && admitted_;
  if (news) {
    // Soon after a long trouble it is the same one, though something slipped through.
    const Instant lasted = std::min(cut_at_ - trouble_since_, kCarriedMost);
    trouble_since_ = now - cut_at_ < lasted / 2 ? now - lasted : now;
  }
  Instant hold = Instant::zero();
  if (retry_after) hold = std::clamp(*retry_after, Instant::zero(), kHoldMax);
  // Whoever was told a time and is refused after it, with nothing admitted since, was told too little.
  if (!echo && (!retry_after || !news))
    hold = std::max(hold, std::clamp((now - trouble_since_) / 4, kUntoldHold, kHoldMax));
  hold_until_ = std::max(hold_until_, now + hold);
  clean_since_ = std::max(now, hold_until_);
  if (echo) return Refusal::kEcho;

  cut_at_ = now;
  next_alone_ = !retry_after;
  tried_at_ = Instant::max();
  admitted_ = false;
  if (!news) return Refusal::kMore;
  trouble_cut_at_ = now;
  ratio_ppm_ = std::max(ratio_ppm_ * 8 / 10, kFloorPpm);
  return Refusal::kNews;
}

void Backoff::sent(Instant now) {
  if (!next_alone_) return;
  next_alone_ = false;
  tried_at_ = now;
  hold_until_ = std::max(hold_until_, now + std::clamp((now - trouble_since_) / 4, kAdmittedAfter, kTryMost));
}

void Backoff::passed(Instant sent_at, Instant now) {
  // Also where its answer is slower than the refusal of those that followed it.
  if (sent_at > trouble_cut_at_) admitted_ = true;
  if (sent_at >= tried_at_) hold_until_ = std::min(hold_until_, now);
}

void Backoff::restore(int64_t ratio_ppm, Instant now) {
  ratio_ppm_ = std::clamp(ratio_ppm, kFloorPpm, kWholePpm);
  clean_since_ = std::max(clean_since_, now);
}

void Backoff::recover(Instant now) {
  if (ratio_ppm_ == kWholePpm || now < clean_since_ + window_) return;
  const int64_t windows = (now - clean_since_) / window_;
  ratio_ppm_ = std::min(kWholePpm, ratio_ppm_ + std::min<int64_t>(windows, kWholePpm / kStepPpm) * kStepPpm);
  clean_since_ += windows * window_;
}

}  // namespace harvest::limit

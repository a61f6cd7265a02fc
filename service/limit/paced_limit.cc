#include "service/limit/paced_limit.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace harvest::limit {
namespace {

/// The mean of refunds is over about so many attempts.
constexpr double kRefundForgets = 1.0 / 64;
constexpr int64_t kPerMinuteMax = 1'000'000'000'000;
/// Headers are believed for at most so long, whatever they say.
constexpr Instant kHeaderTrust = std::chrono::minutes(10);
/// A 429 while less than this share of the window is used is none of the window that we know.
constexpr double kRoom = 0.95;
/// How long a shorter window is paced for before the stated one is tried again.
constexpr Instant kShortenedTrust = std::chrono::hours(24);
/// Doubts that lie farther apart have nothing to do with each other.
constexpr Instant kDoubtTrust = std::chrono::minutes(10);

}  // namespace

void PacedLimit::configure(std::optional<int64_t> per_minute, int64_t window_seconds, Instant jitter) {
  assert(window_seconds > 0);
  configured_ = per_minute;
  // What was found stays where nothing is stated now.
  if (per_minute || !assumed_) {
    per_minute_ = per_minute;
    assumed_ = false;
    window_sure_ = true;
  }
  window_seconds_ = window_seconds;
  window_seconds_in_force_ = window_seconds;
  jitter_ = jitter;
  allowance_until_ = Instant(-1);
  doubts_ = 0;
  // What is sent before a limit is found weighs on it then.
  shape_book(std::chrono::seconds(window_seconds));
  shape();
}

void PacedLimit::shape() {
  if (!per_minute_ || *per_minute_ <= 0) return;
  const int64_t per_minute = std::min(*per_minute_, kPerMinuteMax);
  window_ = std::chrono::seconds(window_seconds_in_force_);
  limit_micro_ = static_cast<int64_t>(static_cast<__int128>(per_minute) * window_seconds_in_force_ * kMicro / 60);
  if (limit_micro_ < kMicro) {
    window_ = Instant((60'000'000'000 + per_minute - 1) / per_minute);
    limit_micro_ = kMicro;
  }
  gcra_.shape(limit_micro_, window_, jitter_);
  shape_book(window_);
}

void PacedLimit::shape_book(Instant window) {
  if (!book_.shape(window, jitter_)) return;
  if (taken_at_ >= Instant::zero()) book_complete_from_ = taken_at_ + book_.memory();
}

Instant PacedLimit::ready_at(int64_t amount, Instant now) const {
  if (!limited() || amount == 0) return now;
  if (*per_minute_ <= 0) return kNever;
  Instant ready = std::max(gcra_.ready_at(amount), now);
  if (window_sure_) {
    const bool book_tells = gcra_.coarse() && now >= book_complete_from_;
    if (now < refunds_weigh_until_) {
      if (book_tells) ready = std::max(std::min(ready, gcra_.ready_beside_book_at(amount)), now);
      // The book is only asked when the pacing would let it go.
      if (ready == now) ready = room_at(amount, now);
    } else if (book_tells && ready > now) {
      const Instant beside = std::max(gcra_.ready_beside_book_at(amount), now);
      if (beside < ready) ready = std::min(ready, std::max(beside, room_at(amount, now)));
    }
  }
  if (now < allowance_until_ && amount > allowance_) ready = std::max(ready, allowance_until_);
  return ready;
}

Instant PacedLimit::room_at(int64_t amount, Instant now) const {
  return book_.light_at(limit_micro_ / kMicro - std::min(amount, limit_micro_ / kMicro), now);
}

void PacedLimit::assume(int64_t per_minute, bool sure, Instant now) {
  if (stated()) return;
  const bool first = !limited();
  assumed_ = true;
  window_sure_ = sure;
  per_minute_ = per_minute;
  shape();
  if (first) gcra_.empty(now);
  if (sure) refunds_weigh_until_ = now + 2 * window_ + jitter_;
}

void PacedLimit::assume_granted(int64_t per_minute, Instant now) {
  if (stated() || !limited() || per_minute <= *per_minute_) return;
  const Instant window_before = window_;
  const int64_t before_micro = limit_micro_;
  assume(per_minute, window_sure_, now);
  if (window_ == window_before) gcra_.raised_from(before_micro, now);
}

void PacedLimit::forget_assumed() {
  if (!assumed_) return;
  per_minute_.reset();
  assumed_ = false;
  window_sure_ = true;
  outstanding_ = 0;
}

void PacedLimit::doubt_window(Instant now) {
  if (!stated() || *per_minute_ <= 0) return;
  if (static_cast<double>(book_.weight(now)) * kMicro >= kRoom * static_cast<double>(limit_micro_)) return;
  doubts_ = doubted_at_ != Instant::min() && now - doubted_at_ > kDoubtTrust ? 1 : doubts_ + 1;
  doubted_at_ = now;
  if (doubts_ < 2) return;
  doubts_ = 0;
  int64_t next = window_seconds_;
  for (const int64_t shorter : {10, 1}) {
    if (shorter >= window_seconds_in_force_) continue;
    // A window whose whole share is less than what was granted at once is not the vendor's.
    const __int128 share = static_cast<__int128>(std::min(*per_minute_, kPerMinuteMax)) * shorter * kMicro / 60;
    if (share >= gcra_.largest_micro()) next = shorter;
    break;
  }
  pace_for(next, now);
}

void PacedLimit::take(int64_t amount, Instant now) {
  if (amount == 0) return;
  // Somebody else's burst may have looked like a shorter window: the stated one is tried again.
  if (window_seconds_in_force_ < window_seconds_ && now - shortened_at_ > kShortenedTrust)
    pace_for(window_seconds_, now);
  taken_at_ = now;
  book_.add(amount, now);
  if (!limited()) return;
  gcra_.take(amount, now);
  outstanding_ += amount;
  hold_back(now);
  if (now < allowance_until_) allowance_ = std::max<int64_t>(allowance_ - amount, 0);
}

void PacedLimit::settle(Instant taken_at, int64_t reserved, int64_t actual, Instant now) {
  if (reserved == 0) return;
  const int64_t change = actual - reserved;
  if (!limited()) {
    if (change != 0) book_.amend(taken_at, change, now);
    return;
  }
  // What was taken before there was a limit was never counted.
  outstanding_ = std::max<int64_t>(outstanding_ - reserved, 0);
  const double share = std::max(-static_cast<double>(change) / static_cast<double>(reserved), 0.0);
  refund_share_ += (share - refund_share_) * kRefundForgets;
  hold_back(now);
  if (change == 0) return;
  gcra_.correct(change);
  book_.amend(taken_at, change, now);
  if (change < 0) refunds_weigh_until_ = now + 2 * window_ + jitter_;
}

void PacedLimit::hold_back(Instant now) {
  const int64_t weighing = std::min(outstanding_, book_.weight(now));
  gcra_.hold_back(static_cast<int64_t>(static_cast<double>(weighing) * refund_share_ * kMicro));
}

void PacedLimit::learn(const Feedback::Window& header, Instant now) {
  if (!configured_ && header.limit && *header.limit > 0 && (assumed_ || header.limit != per_minute_)) {
    per_minute_ = header.limit;
    assumed_ = false;
    window_sure_ = true;
    shape();
  }
  if (!stated() || *per_minute_ <= 0 || !header.remaining || !header.reset_in) return;
  // What we sent after the vendor wrote the header is missing in it, so honest headers leave more than the book
  // believes.
  const int64_t limit = limit_micro_ / kMicro;
  const int64_t believed = limit - book_.weight(now);
  const int64_t slack = std::max<int64_t>(limit / 100, 1);
  if (*header.remaining < believed - slack && header.reset_in->count() > 0) {
    allowance_ = std::max<int64_t>(*header.remaining, 0);
    allowance_until_ = now + std::min(*header.reset_in, kHeaderTrust);
  } else {
    allowance_until_ = Instant(-1);
  }
}

FoundRates::Stated PacedLimit::found() const {
  if (!stated()) return {};
  const bool shorter = window_seconds_in_force_ < window_seconds_;
  return {.window_seconds = shorter ? window_seconds_in_force_ : 0,
          .told_per_minute = configured_ ? 0 : *per_minute_,
          .of_per_minute = shorter ? *per_minute_ : 0};
}

void PacedLimit::restore(const FoundRates::Stated& found, Instant now) {
  if (!configured_ && found.told_per_minute > 0) {
    per_minute_ = found.told_per_minute;
    assumed_ = false;
    window_sure_ = true;
  }
  if (!stated()) return;
  if (found.window_seconds > 0 && found.window_seconds < window_seconds_ && found.of_per_minute == *per_minute_)
    pace_for(found.window_seconds, now);
  else
    shape();
}

void PacedLimit::pace_for(int64_t window_seconds, Instant now) {
  window_seconds_in_force_ = window_seconds;
  shortened_at_ = now;
  shape();
}

void PacedLimit::lend_nothing_at(Instant when) {
  if (assumed_) gcra_.empty(when);
}

int64_t PacedLimit::largest() const {
  if (!limited() || !gcra_.coarse()) return 0;
  const int64_t exactly = gcra_.largest_micro() / kMicro;
  const auto fineness = std::max<int64_t>(static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(exactly))) / 8, 1);
  return (exactly + fineness - 1) / fineness * fineness;
}

void PacedLimit::restore_largest(int64_t amount, Instant now) {
  if (limited() && *per_minute_ > 0 && amount > 0) gcra_.restore_largest(amount, now);
}

void PacedLimit::empty(Instant now) {
  book_complete_from_ = now + book_.memory();
  if (limited() && *per_minute_ > 0) gcra_.empty(now);
}

double PacedLimit::utilization(Instant now) const {
  if (!limited() || *per_minute_ <= 0) return 0;
  return static_cast<double>(book_.last_window(now)) * kMicro / static_cast<double>(limit_micro_);
}

}  // namespace harvest::limit

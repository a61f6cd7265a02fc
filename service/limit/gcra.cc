#include "service/limit/gcra.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace harvest::limit {
namespace {

constexpr int64_t kEpochWindows = 10;
/// Nobody's is longer, and a prompt that is never granted must not hold up the others for more.
constexpr int64_t kLongestWindowNs = 60'000'000'000;
/// Far above every real demand, and low enough that products of it stay within 128 bits.
constexpr int64_t kAmountMax = 1'000'000'000'000;

int64_t saturated(__int128 value) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  return value > kMax ? kMax : value < -kMax ? -kMax : static_cast<int64_t>(value);
}

__int128 micro(int64_t amount) {
  return static_cast<__int128>(std::clamp<int64_t>(amount, 0, kAmountMax)) * kMicro;
}

}  // namespace

void Gcra::shape(int64_t limit_micro, Instant window, Instant jitter) {
  assert(limit_micro > 0 && window.count() > 0 && jitter.count() >= 0);
  limit_micro_ = limit_micro;
  window_ns_ = window.count();
  span_ns_ = window.count() + jitter.count();
  set_burst();
}

void Gcra::raised_from(int64_t before_micro, Instant now) {
  assert(before_micro > 0 && before_micro <= limit_micro_);
  for (int64_t* tat : {&tat_ns_, &whole_tat_ns_}) {
    const __int128 owed = static_cast<__int128>(*tat) - now.count();
    if (owed > 0) *tat = saturated(now.count() + owed * before_micro / limit_micro_);
  }
}

void Gcra::set_burst() {
  // Invariant: at least half of the limit is left to be paced, so the rate is never zero.
  burst_micro_ = std::min(saturated(static_cast<__int128>(largest_micro()) + limit_micro_ / 1000), limit_micro_ / 2);
}

int64_t Gcra::span_of(__int128 amount_micro, Round round) const {
  // At least a tenth is always paced: the window's book is what bounds then, and the rate must not become zero.
  const int64_t paced = limit_micro_ - burst_micro_;
  return span_at(static_cast<__int128>(std::max(paced - held_micro_, paced / 10 + 1)) * ratio_ppm_, amount_micro,
                 round);
}

int64_t Gcra::whole_span_of(__int128 amount_micro, Round round) const {
  return span_at(static_cast<__int128>(std::max(limit_micro_ - held_micro_, limit_micro_ / 10 + 1)) * ratio_ppm_,
                 amount_micro, round);
}

int64_t Gcra::span_at(__int128 rate, __int128 amount_micro, Round round) const {
  assert(rate > 0);
  // At most 4e18 millionths times 6e10 ns: the factor for the ratio comes last, and only where it fits.
  const __int128 product = amount_micro * span_ns_;
  const __int128 whole = product / rate;
  const __int128 rest = product % rate;
  const __int128 scaled = rest * kMicro;
  const __int128 span = whole * kMicro + scaled / rate + (round == Round::kUp && scaled % rate != 0 ? 1 : 0);
  return saturated(span);
}

Instant Gcra::ready_at(int64_t amount) const {
  const __int128 wanted = micro(amount);
  if (wanted <= burst_micro_) {
    // The burst is lent at the full rate, even while the rate is lowered: in time, a slow rate would lend more.
    const __int128 full = static_cast<__int128>(limit_micro_ - burst_micro_) * kMicro;
    return Instant(saturated(static_cast<__int128>(tat_ns_) - span_at(full, burst_micro_ - wanted, Round::kDown)));
  }
  const __int128 paced = static_cast<__int128>(tat_ns_) + span_of(2 * (wanted - burst_micro_), Round::kUp);
  // More than a whole window's worth weighs on a longer window than this one, or is never granted.
  const __int128 most = std::max<int64_t>(kLongestWindowNs / window_ns_, 1);
  const __int128 windows = std::clamp<__int128>((wanted + limit_micro_ - 1) / limit_micro_, 1, most);
  const __int128 idle = last_ns_ + 2 * windows * span_ns_ * kMicro / ratio_ppm_;
  return Instant(saturated(std::max<__int128>(std::min(paced, idle), tat_ns_)));
}

Instant Gcra::ready_beside_book_at(int64_t amount) const {
  const __int128 lent = static_cast<__int128>(burst_micro_) - micro(amount);
  const __int128 full = static_cast<__int128>(limit_micro_) * kMicro;
  const int64_t span = lent >= 0 ? -span_at(full, lent, Round::kDown) : whole_span_of(-lent, Round::kUp);
  return Instant(saturated(static_cast<__int128>(whole_tat_ns_) + span));
}

void Gcra::note_size(int64_t amount_micro, Instant now) {
  const int64_t epoch = now.count() / window_ns_ / kEpochWindows;
  if (epoch > epoch_) {
    largest_before_micro_ = epoch == epoch_ + 1 ? largest_micro_ : kMicro;
    largest_micro_ = kMicro;
    epoch_ = epoch;
  }
  largest_micro_ = std::max(largest_micro_, amount_micro);
}

void Gcra::take(int64_t amount, Instant now) {
  const int64_t burst_before = burst_micro_;
  note_size(saturated(std::min<__int128>(micro(amount), limit_micro_)), now);
  set_burst();
  const int64_t growth = std::max<int64_t>(burst_micro_ - burst_before, 0);
  tat_ns_ =
      saturated(static_cast<__int128>(std::max(tat_ns_, now.count())) + span_of(micro(amount) + growth, Round::kUp));
  whole_tat_ns_ =
      saturated(static_cast<__int128>(std::max(whole_tat_ns_, now.count())) + whole_span_of(micro(amount), Round::kUp));
  // What went beside the book is owed no further than it weighs.
  const __int128 owed = static_cast<__int128>(whole_tat_ns_ - now.count()) * limit_micro_ / span_ns_ + 1;
  tat_ns_ = std::min(tat_ns_, saturated(static_cast<__int128>(now.count()) + span_of(owed + burst_micro_, Round::kUp)));
  last_ns_ = std::max(last_ns_, now.count());
}

void Gcra::correct(int64_t amount) {
  const int64_t span = amount >= 0 ? span_of(micro(amount), Round::kUp) : -span_of(micro(-amount), Round::kDown);
  tat_ns_ = saturated(static_cast<__int128>(tat_ns_) + span);
  const int64_t whole =
      amount >= 0 ? whole_span_of(micro(amount), Round::kUp) : -whole_span_of(micro(-amount), Round::kDown);
  whole_tat_ns_ = saturated(static_cast<__int128>(whole_tat_ns_) + whole);
}

void Gcra::restore_largest(int64_t amount, Instant now) {
  note_size(saturated(std::min<__int128>(micro(amount), limit_micro_)), now);
  set_burst();
}

void Gcra::empty(Instant now) {
  const auto after = [now](int64_t span) { return saturated(static_cast<__int128>(now.count()) + span); };
  // Once lent, and once more since the run before may have sent beside a book that is lost.
  tat_ns_ = std::max(
      tat_ns_,
      after(span_of(static_cast<__int128>(std::max(largest_micro(), burst_micro_)) + burst_micro_, Round::kUp)));
  whole_tat_ns_ = std::max(whole_tat_ns_, after(whole_span_of(burst_micro_, Round::kUp)));
  last_ns_ = std::max(last_ns_, now.count());
}

}  // namespace harvest::limit

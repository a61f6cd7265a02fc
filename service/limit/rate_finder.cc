#include "service/limit/rate_finder.h"

#include <algorithm>
#include <utility>

namespace harvest::limit {
namespace {

using namespace std::chrono_literals;

constexpr Instant kMinute = 60s;
/// A Retry-After beyond the longest window speaks of days or of something else: it holds, and tells no rate.
constexpr Instant kWindowMax = 61s;
/// Only a window of 60 s makes anyone wait longer than this.
constexpr Instant kShorterWindows = 10s + 500ms;
/// One 429 for so many calls is what finding out may cost.
constexpr int64_t kCallsPerRefusal = 1'500;

/// Steps become smaller, and their proof longer, as the search narrows.
struct Rung {
  double step;
  int64_t calls;
  Instant time;
};
constexpr Rung kRungs[] = {{0.25, 20, 2s}, {0.10, 100, 4s}, {0.04, 400, 10s}, {0.02, kCallsPerRefusal, 62s}};
constexpr int kSureRung = 3;
constexpr double kStepMax = 0.25;

/// What was proved by having been refused a little above is not run at its edge.
constexpr double kBelow = 0.985;
constexpr double kLossLeast = 0.015;
constexpr double kLossMost = 0.12;
/// A rung that was used less than this has proved nothing.
constexpr double kUsed = 0.9;
/// With fewer sends between two 429s nothing can be measured.
constexpr int64_t kMeasurable = 20;
/// A slow teacher is not kept at a wrong rate for hours: a step may come after so many minutes' worth of calls.
constexpr double kSlowestStepMinutes = 10;
/// What was granted longer ago may have been granted by other limits.
constexpr Instant kGrantedTrust = 10min;

int64_t amount(int index, const Demand& demand) {
  return index == 0 ? 1 : index == 1 ? demand.input_tokens : demand.output_tokens;
}

Dimension dimension(int index) {
  return index == 0 ? Dimension::kRequests : index == 1 ? Dimension::kInputTokens : Dimension::kOutputTokens;
}

double per_minute_of(int64_t count, Instant length) {
  return static_cast<double>(count) * static_cast<double>(kMinute.count()) / static_cast<double>(length.count());
}

}  // namespace

void RateFinder::seek(const std::array<bool, kRates>& sought) {
  for (int i = 0; i < kRates; ++i) {
    rate(i).sought = sought[static_cast<size_t>(i)];
    if (!rate(i).sought) rate(i).per_minute = 0;
  }
  // Where one rate is stated, pacing by it is start slow enough.
  if (rates_[0].sought && rates_[1].sought && rates_[2].sought && !began_)
    slow_start_.begin();
  else
    slow_start_.end();
}

void RateFinder::restore(const FoundRates& found) {
  const int64_t figures[] = {found.requests, found.input_tokens, found.output_tokens};
  for (int i = 0; i < kRates; ++i)
    if (rate(i).sought && figures[i] > 0) {
      rate(i).per_minute = static_cast<double>(figures[i]);
      slow_start_.end();
    }
  settle_rung(kSureRung, Instant::zero());
}

bool RateFinder::knows() const {
  return std::any_of(rates_.begin(), rates_.end(), [](const Rate& rate) { return rate.per_minute > 0; });
}

FoundRates RateFinder::found() const {
  const auto figure = [](const Rate& rate) { return static_cast<int64_t>(rate.per_minute); };
  return {.requests = figure(rates_[0]), .input_tokens = figure(rates_[1]), .output_tokens = figure(rates_[2])};
}

std::optional<int64_t> RateFinder::per_minute(Dimension wanted) const {
  for (int i = 0; i < kRates; ++i) {
    const Rate& rate = rates_[static_cast<size_t>(i)];
    if (dimension(i) == wanted && rate.sought && rate.per_minute > 0)
      return std::max<int64_t>(static_cast<int64_t>(rate.per_minute), 1);
  }
  return std::nullopt;
}

void RateFinder::sent(const Demand& demand, Instant now) {
  if (!seeks()) return;
  if (!began_) began_ = now;
  for (int i = 0; i < kRates; ++i)
    if (is_logged(i)) rate(i).log.add(amount(i, demand), now);
  slow_start_.sent(now);
}

void RateFinder::settled(const Demand& reserved, const Actual& actual, Instant sent_at, Instant now) {
  if (!seeks() || actual.at_risk) return;
  if (actual.unprocessed) {
    for (int i = 0; i < kRates; ++i)
      if (is_logged(i)) rate(i).log.amend(sent_at, -amount(i, reserved), now);
    slow_start_.forget(sent_at, now);
    return;
  }
  note_granted(reserved, now);
  if (rate(1).sought) rate(1).log.amend(sent_at, actual.input_tokens - reserved.input_tokens, now);
  if (rate(2).sought) rate(2).log.amend(sent_at, actual.output_tokens - reserved.output_tokens, now);
}

void RateFinder::note_granted(const Demand& demand, Instant now) {
  const bool stale = now >= granted_since_ + kGrantedTrust;
  if (stale) granted_since_ = now;
  for (int i = 0; i < kRates; ++i) {
    const auto granted = static_cast<double>(amount(i, demand));
    rate(i).granted = std::max(stale ? 1 : rate(i).granted, granted);
  }
}

bool RateFinder::concerns(int index, std::optional<Dimension> by) const {
  return rates_[static_cast<size_t>(index)].sought && (!by || *by == dimension(index));
}

bool RateFinder::throttled(std::optional<Dimension> by, std::optional<Instant> retry_after, Instant sent_at, bool news,
                           Instant now) {
  if (!seeks()) return false;
  slow_start_.end();
  if (!news) {
    if (step_was_ours_) ++refusals_;
    return false;
  }
  const bool of_a_rate = !by || concerns(0, by) || concerns(1, by) || concerns(2, by);
  const bool told = retry_after && *retry_after > Instant::zero();
  if (!of_a_rate || (told && *retry_after > kWindowMax)) return false;
  // Nothing was admitted since the last one: the same window is still full, and says nothing more.
  const Instant previous = std::exchange(cut_at_, now);
  if (previous != Instant::min() && sends().between(previous, sent_at) == 0) return false;
  refusals_ = 1;
  step_was_ours_ = knows();
  unmeasured_.reset();

  if (told && *retry_after > kShorterWindows && measure_window(by, sent_at, sent_at + *retry_after)) return true;
  if (!told) unmeasured_ = Refusal{.at = sent_at, .by = by};
  sure_ = false;
  for (int i = 0; i < kRates; ++i) {
    if (!concerns(i, by)) continue;
    if (rate(i).per_minute == 0)
      guess(rate(i), sent_at, retry_after.value_or(Instant::zero()));
    else
      step_back(rate(i), sent_at);
  }
  if (climbing_ || measurable(sent_at)) exhausted_at_ = sent_at;
  lent_ = 0;
  if (!climbing_) loss_ = std::min(loss_ * 2, kLossMost);
  settle_rung(climbing_ ? std::min(caution_ + 1, kSureRung) : caution_, now);
  return true;
}

bool RateFinder::measure_window(std::optional<Dimension> by, Instant refused_at, Instant until) {
  const Instant begun = until - kMinute;
  // A window that has hardly been used cannot be full: whatever said so counts otherwise than we do.
  const int64_t lately = sends().between(refused_at - kMinute, refused_at);
  if (begun >= refused_at || 4 * sends().between(begun, refused_at) < lately) return false;
  for (int i = 0; i < kRates; ++i) {
    if (!concerns(i, by)) continue;
    const int64_t counted = rate(i).log.between(begun, refused_at);
    if (counted > 0) rate(i).per_minute = std::max(static_cast<double>(counted), rate(i).granted);
  }
  sure_ = true;
  settle_rung(kSureRung, until);
  return true;
}

void RateFinder::guess(Rate& rate, Instant refused_at, Instant retry_after) const {
  const Instant ran = std::clamp(refused_at - began_.value_or(refused_at), Instant(1s), kMinute);
  const double counted = static_cast<double>(rate.log.between(refused_at - ran, refused_at));
  rate.per_minute =
      std::max(counted / (1 + static_cast<double>(ran.count()) / static_cast<double>(kMinute.count())), rate.granted);
  // Told to come back soon, one call each time is what the vendor itself says will do.
  const int64_t calls = sends().between(refused_at - ran, refused_at);
  if (calls == 0) return;
  const double each = counted / static_cast<double>(calls);
  rate.per_minute = std::max(rate.per_minute, each * per_minute_of(1, std::max<Instant>(retry_after, 1s)));
}

void RateFinder::step_back(Rate& rate, Instant refused_at) const {
  const double proved = climbing_ ? rate.per_minute / (1 + step_) : rate.per_minute * (1 - loss_);
  const Instant since = std::max(exhausted_at_, refused_at - kMinute);
  double measured = proved;
  if (measurable(refused_at))
    measured = per_minute_of(rate.log.between(since, refused_at), refused_at - since) * kBelow;
  // A climb fell: what was measured lies between the rungs; of a long one it says too much, a bucket lends for minutes
  // what it saved before. Without a climb the limit itself is lower than believed.
  if (climbing_ && caution_ == kSureRung)
    rate.per_minute = proved;
  else if (climbing_)
    rate.per_minute = std::clamp(measured, proved, std::max(rate.per_minute * kBelow, proved));
  else
    rate.per_minute = std::clamp(measured, proved / 2, proved);
  rate.per_minute = std::max(rate.per_minute, rate.granted);
}

bool RateFinder::measurable(Instant refused_at) const {
  // Of the first minute there is only a part.
  if (exhausted_at_ == Instant::min() && refused_at < began_.value_or(refused_at) + kMinute) return false;
  const Instant since = std::max(exhausted_at_, refused_at - kMinute);
  return refused_at > since && sends().between(since, refused_at) >= kMeasurable;
}

void RateFinder::settle_rung(int caution, Instant now) {
  caution_ = caution;
  climbing_ = false;
  step_ = kRungs[caution].step;
  rung_since_ = now;
  passed_ = 0;
}

bool RateFinder::passed(Instant sent_at, Instant now) {
  if (!seeks()) return false;
  slow_start_.admitted(sent_at, now);
  if (unmeasured_ && sent_at > cut_at_) {
    const Refusal refusal = *std::exchange(unmeasured_, std::nullopt);
    const Instant pause = sent_at - refusal.at;
    if (pause > kShorterWindows && pause <= kWindowMax && measure_window(refusal.by, refusal.at, sent_at)) return true;
  }
  if (sent_at < rung_since_ || !knows()) return false;
  ++passed_;
  const Rung& rung = kRungs[caution_];
  const int64_t calls = caution_ == kSureRung ? calls_of_a_sure_rung() : rung.calls;
  if (passed_ < calls || now < rung_since_ + rung.time) return false;
  if (used_share(now) < kUsed) {
    rung_since_ = now;
    passed_ = 0;
    return false;
  }
  climb(now);
  return true;
}

int64_t RateFinder::calls_of_a_sure_rung() const {
  const int64_t calls = std::max(refusals_, int64_t{1}) * kCallsPerRefusal;
  if (!rates_[0].sought) return calls;
  return std::min(calls, std::max(kMeasurable, static_cast<int64_t>(rates_[0].per_minute * kSlowestStepMinutes)));
}

double RateFinder::used_share(Instant now) const {
  const Instant since = std::max(rung_since_, now - kMinute);
  double share = 0;
  for (const Rate& rate : rates_)
    if (rate.sought && rate.per_minute > 0)
      share = std::max(share, per_minute_of(rate.log.between(since, now), now - since) / rate.per_minute);
  return share;
}

void RateFinder::climb(Instant now) {
  if (climbing_) {
    above_ += step_ * (1 + above_);
    lent_ += above_ * static_cast<double>((now - rung_since_).count()) / static_cast<double>(kMinute.count());
    if (sure_ || lent_ > 1 || caution_ < kSureRung) step_ = std::min(2 * step_, kStepMax);
  } else {
    above_ = 0;
  }
  loss_ = kLossLeast;
  for (Rate& rate : rates_) rate.per_minute *= 1 + step_;
  climbing_ = true;
  rung_since_ = now;
  passed_ = 0;
}

}  // namespace harvest::limit

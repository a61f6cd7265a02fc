#include "service/limit/rate_finder.h"

#include <algorithm>
#include <utility>

namespace harvest::limit {
namespace {

using namespace std::chrono_literals;

constexpr Instant kMinute = 60s;
/// A Retry-After beyond the longest window, or two of them where a sliding counter looks back, speaks of days or of
/// something else: it holds, and tells no rate.
constexpr Instant kWindowMax = 121s;
/// Only a window of 60 s makes anyone wait longer than this, and only one of 10 s longer than that.
constexpr Instant kTenSeconds = 10s;
constexpr Instant kSecond = 1s;
constexpr Instant kSlack = 500ms;

/// Without a step of ours to blame, the first 429 costs so much of the rate, and each one after it twice that.
constexpr double kLossLeast = 0.01;
constexpr double kLossMost = 0.5;
/// A rung that was used less than this has proved nothing.
constexpr double kUsed = 0.9;
/// Where single amounts are a large part of the rate pacing keeps the largest free, and sizes leave gaps: so much of
/// the rest has been used, and small steps are made from it.
constexpr double kCoarse = 0.05;
constexpr double kUsedCoarsely = 0.8;
/// A large step is given up by half for so many proofs with gaps: the sizes to come may leave fewer.
constexpr int kGaps = 8;
/// Of a window in which fewer were sent, its limit is a guess.
constexpr int64_t kMeasurable = 20;
/// ...until a second one says the same.
constexpr double kAlike = 1.3;
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
  brief_ = found.short_windows ? kBriefPauses : 0;
  if (!knows()) return;  // a run that found nothing leaves everything to be found
  restored_ = true;
  loss_ = kLossLeast;
  ascent_.arrive(Instant::zero());
}

void RateFinder::forget() {
  for (Rate& rate : rates_) rate.per_minute = 0;
  slow_start_.end();
  unmeasured_.reset();
  passed_ = 0;
  brief_ = 0;
  sure_ = false;
}

bool RateFinder::knows() const {
  return std::any_of(rates_.begin(), rates_.end(), [](const Rate& rate) { return rate.per_minute > 0; });
}

FoundRates RateFinder::found() const {
  const auto figure = [](const Rate& rate) { return static_cast<int64_t>(rate.per_minute); };
  return {.requests = figure(rates_[0]),
          .input_tokens = figure(rates_[1]),
          .output_tokens = figure(rates_[2]),
          .short_windows = short_windows()};
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

bool RateFinder::settled(const Demand& reserved, const Actual& actual, Instant sent_at, Instant now) {
  if (!seeks() || actual.at_risk) return false;
  if (actual.unprocessed) {
    for (int i = 0; i < kRates; ++i)
      if (is_logged(i)) rate(i).log.amend(sent_at, -amount(i, reserved), now);
    slow_start_.forget(sent_at, now);
    return false;
  }
  const bool raised = note_granted(reserved, now);
  if (rate(1).sought) rate(1).log.amend(sent_at, actual.input_weight() - reserved.input_tokens, now);
  if (rate(2).sought) rate(2).log.amend(sent_at, actual.output_weight() - reserved.output_tokens, now);
  return raised;
}

bool RateFinder::note_granted(const Demand& demand, Instant now) {
  const bool stale = now >= granted_since_ + kGrantedTrust;
  bool raised = false;
  if (stale) granted_since_ = now;
  for (int i = 0; i < kRates; ++i) {
    const auto granted = static_cast<double>(amount(i, demand));
    rate(i).granted = std::max(stale ? 1 : rate(i).granted, granted);
    if (rate(i).per_minute == 0 || rate(i).per_minute >= rate(i).granted) continue;
    rate(i).per_minute = rate(i).granted;
    raised = true;
  }
  return raised;
}

bool RateFinder::concerns(int index, std::optional<Dimension> by) const {
  return rates_[static_cast<size_t>(index)].sought && (!by || *by == dimension(index));
}

bool RateFinder::throttled(std::optional<Dimension> by, std::optional<Instant> retry_after, Instant sent_at, bool news,
                           Instant now) {
  if (!seeks()) return false;
  slow_start_.end();
  if (!news) {
    if (step_was_ours_) ascent_.count_refusal();
    if (unmeasured_) unmeasured_->last_at = std::max(unmeasured_->last_at, sent_at);
    return false;
  }
  const bool of_a_rate = !by || concerns(0, by) || concerns(1, by) || concerns(2, by);
  const bool told = retry_after && *retry_after > Instant::zero();
  if (!of_a_rate || (told && *retry_after > kWindowMax)) return false;
  cut_at_ = now;
  told_ = told;
  step_was_ours_ = knows();
  telling_ = !step_was_ours_ || (ascent_.climbing() && ascent_.large());
  unmeasured_.reset();
  passed_ = 0;

  if (told) note_pause(*retry_after);
  if (told && measure(by, sent_at, sent_at + *retry_after, *retry_after, !step_was_ours_)) return true;
  if (!told) {
    unmeasured_ =
        Refusal{.at = sent_at, .by = by, .last_at = sent_at, .explained = !step_was_ours_ || ascent_.climbing()};
    sure_ = false;
  }
  const double held = ascent_.climbing() ? 1 / (1 + ascent_.step()) : 1 - loss_;
  bool known = false;
  for (int i = 0; i < kRates; ++i) {
    if (!concerns(i, by)) continue;
    known = known || rate(i).per_minute > 0;
    if (rate(i).per_minute == 0)
      guess(rate(i), sent_at, retry_after.value_or(Instant::zero()));
    else
      rate(i).per_minute = std::max(rate(i).per_minute * held, rate(i).granted);
  }
  if (!known) {
    loss_ = kLossLeast;
    ascent_.begin(now);
  } else if (ascent_.climbing()) {
    ascent_.fall(now);
  } else {
    ascent_.lose(loss_, now);
    loss_ = std::min(loss_ * 2, kLossMost);
  }
  return true;
}

bool RateFinder::measure(std::optional<Dimension> by, Instant refused_at, Instant until, Instant paused,
                         bool explained) {
  sure_ = paused > kTenSeconds + kSlack;
  if (sure_) return count_window(by, refused_at, until, kMinute, explained);
  // A window of 10 s is only believed in while nothing better is known. A bucket makes a call wait for its own refill.
  const int64_t calls = sends().between(refused_at - kTenSeconds, refused_at);
  const Instant refill = 2 * kMinute / std::max<int64_t>(calls, 1);
  return !ascent_.arrived() && paused > std::max<Instant>(kSecond + kSlack, refill) &&
         count_window(by, refused_at, until, kTenSeconds, explained);
}

void RateFinder::note_pause(Instant paused) {
  if (!telling_) return;
  brief_ = paused > kSecond + kSlack ? 0 : brief_ + 1;
}

bool RateFinder::count_window(std::optional<Dimension> by, Instant refused_at, Instant until, Instant window,
                              bool explained) {
  const Instant begun = begin_of(refused_at, until, window);
  // A window that has hardly been used cannot be full: whatever said so counts otherwise than we do.
  const int64_t lately = sends().between(refused_at - window, refused_at);
  const int64_t calls = sends().between(begun, refused_at);
  if (begun >= refused_at || calls == 0 || 4 * calls < lately) return false;
  if (restored_ && begun < began_.value_or(refused_at)) return false;
  const double rung = ascent_.climbing() ? 1 + ascent_.step() : 1;
  std::array<double, kRates> measured{};
  bool tells = explained, confirmed = calls >= kMeasurable;
  for (int i = 0; i < kRates; ++i) {
    if (!concerns(i, by)) continue;
    double& found = measured[static_cast<size_t>(i)];
    found = std::max(per_minute_of(rate(i).log.between(begun, refused_at), window), rate(i).granted);
    const double held = rate(i).per_minute / rung;
    tells = tells || found < rate(i).per_minute;
    confirmed = confirmed || (found < held * kAlike && held < found * kAlike);
  }
  // Refused below what the window holds: the rest of it is lost to the network, or to calls that did not fit.
  if (!tells) return false;
  for (int i = 0; i < kRates; ++i)
    if (concerns(i, by)) rate(i).per_minute = measured[static_cast<size_t>(i)];
  loss_ = kLossLeast;
  if (confirmed)
    ascent_.arrive(until);
  else if (ascent_.climbing())
    ascent_.fall(until);
  else if (!step_was_ours_)
    ascent_.begin(until);
  return true;
}

Instant RateFinder::begin_of(Instant refused_at, Instant until, Instant window) const {
  const Instant begun = until - window;
  if (step_was_ours_ || restored_ || !began_ || begun <= *began_) return begun;
  double share = 0;
  for (int i = 0; i < kRates; ++i) {
    const Rate& rate = rates_[static_cast<size_t>(i)];
    const int64_t sent = is_logged(i) ? rate.log.between(*began_, refused_at) : 0;
    if (rate.sought && sent > 0) share = std::max(share, rate.granted / static_cast<double>(sent));
  }
  const Instant late(static_cast<int64_t>(static_cast<double>(window.count()) * std::min(share, 1.0)));
  return share > kCoarse && begun - late <= *began_ ? *began_ : begun;
}

void RateFinder::guess(Rate& rate, Instant refused_at, Instant retry_after) const {
  const Instant ran = std::clamp(refused_at - began_.value_or(refused_at), kSecond, kMinute);
  const double counted = static_cast<double>(rate.log.between(refused_at - ran, refused_at));
  rate.per_minute =
      std::max(counted / (1 + static_cast<double>(ran.count()) / static_cast<double>(kMinute.count())), rate.granted);
  // Told to come back soon, one call each time is what the vendor itself says will do.
  const int64_t calls = sends().between(refused_at - ran, refused_at);
  if (calls == 0) return;
  const double each = counted / static_cast<double>(calls);
  rate.per_minute = std::max(rate.per_minute, each * per_minute_of(1, std::max(retry_after, kSecond)));
}

bool RateFinder::passed(Instant sent_at, Instant now) {
  if (!seeks()) return false;
  slow_start_.admitted(sent_at, now);
  if (unmeasured_ && sent_at > std::max(unmeasured_->last_at, cut_at_)) {
    const Refusal refusal = *std::exchange(unmeasured_, std::nullopt);
    note_pause(refusal.last_at - refusal.at);
    // It ended between the last that was refused and this one; nothing was sent in between.
    if (measure(refusal.by, refusal.at, refusal.last_at, refusal.last_at - refusal.at, refusal.explained)) return true;
  }
  if (sent_at < ascent_.since() || !knows()) return false;
  ++passed_;
  const Ascent::Proof proof =
      ascent_.proof(static_cast<double>(sends().between(now - kMinute, now)), short_windows() && told_);
  if (now < ascent_.since() + proof.time || passed_calls(now) < proof.calls) return false;
  passed_ = 0;
  const Use use = use_of(now);
  if (use.share < kUsed) {
    if (use.usable > 1 - kCoarse || use.share < kUsedCoarsely * use.usable) {
      ascent_.wait(now);
      return false;
    }
    if (ascent_.large()) {
      if (++gaps_ % kGaps == 0)
        ascent_.shrink(now);
      else
        ascent_.wait(now);
      return false;
    }
  }
  loss_ = kLossLeast;
  ascent_.climb(sure_, now);
  for (Rate& rate : rates_) rate.per_minute *= 1 + ascent_.step();
  return true;
}

int64_t RateFinder::passed_calls(Instant now) const {
  return std::max(passed_, sends().between(ascent_.since(), now - kAdmittedAfter));
}

RateFinder::Use RateFinder::use_of(Instant now) const {
  const Instant since = std::max(ascent_.since(), now - kMinute);
  Use use;
  for (const Rate& rate : rates_) {
    if (!rate.sought || rate.per_minute <= 0) continue;
    const double share = per_minute_of(rate.log.between(since, now), now - since) / rate.per_minute;
    if (share <= use.share) continue;
    use = {.share = share, .usable = 1 - std::min(rate.granted / rate.per_minute, 0.5)};
  }
  return use;
}

}  // namespace harvest::limit

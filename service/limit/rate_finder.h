#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "service/limit/ascent.h"
#include "service/limit/demand.h"
#include "service/limit/feedback.h"
#include "service/limit/found_rates.h"
#include "service/limit/send_log.h"
#include "service/limit/slow_start.h"

namespace harvest::limit {

/// Finds the rates that nobody states: no configuration, no header.
///
///     free      nothing is known; the rate doubles (slow_start.h) until the first 429
///     holding   at what was sent when the vendor refused
///     climbing  a step above what has proved itself (ascent.h); where that holds too, it is the new rate
///
/// The first 429 says almost everything, if it says when to come back. With Retry-After R and a window W the vendor
/// counts from t + R - W, and refuses at its limit: for R of more than 10 s only W = 60 is left, and what was sent
/// since then is the limit itself, whatever the enforcement; for R of more than 1 s a window of 10 s is tried first,
/// since a longer one says so soon. Without R, the pause tells as much: the window ended after the last attempt that
/// was refused in it. A shorter R leaves windows of a second and buckets: a bucket of L that refills in a minute has
/// given L (1 + T / 60) after T seconds, the most cautious guess; steps are large at first then.
///
/// A rate that was not used has proved nothing: no step is made from it. Where single amounts are a large part of it,
/// it cannot be used up; then only small steps are made, or one that was found too low would stay.
///
/// What was granted at once is granted in a minute: no rate is believed to be lower than the largest amount of late. A
/// few calls refused early would else make a rate of which no large prompt could ever be paid.
///
/// Where a 429 does not name its dimension, all rates sought share one fate: all are set by what was sent of them, and
/// climb together. Pure; owned by the Limiter.
class RateFinder {
 public:
  static constexpr int kRates = 3;

  /// Which of requests, input and output tokens are to be found. What is found already stays.
  void seek(const std::array<bool, kRates>& sought);
  std::array<bool, kRates> sought() const { return {rates_[0].sought, rates_[1].sought, rates_[2].sought}; }
  bool seeks() const { return rates_[0].sought || rates_[1].sought || rates_[2].sought; }
  /// As an earlier run found them.
  void restore(const FoundRates& found);
  FoundRates found() const;
  /// What was refused had another cause: nothing is known, and nothing bounds until a rate is refused.
  void forget();
  bool knows() const;
  /// Nothing: not known yet, and nothing to pace by.
  std::optional<int64_t> per_minute(Dimension rate) const;
  /// The last 429 told the window exactly, of 60 s: it is to be respected as such until it has passed.
  bool window_is_sure() const { return sure_; }
  /// Windows of a second or a bucket, by all that was seen: what holds for seconds holds for good.
  bool short_windows() const { return brief_ >= kBriefPauses; }

  /// When slow start lets the next one go.
  Instant ready_at(Instant now) const { return slow_start_.ready_at(now); }
  void sent(const Demand& demand, Instant now);
  /// It took other than reserved; nothing at all where the vendor did not process it. True where the rates have
  /// changed.
  bool settled(const Demand& reserved, const Actual& actual, Instant sent_at, Instant now);
  /// One more 429. `news`: neither the echo of one nor more of the same window. True where the rates have changed.
  bool throttled(std::optional<Dimension> by, std::optional<Instant> retry_after, Instant sent_at, bool news,
                 Instant now);
  /// An attempt came back with anything else. True where the rates have changed.
  bool passed(Instant sent_at, Instant now);

 private:
  static constexpr int kBriefPauses = 2;
  struct Rate {
    bool sought = false;
    double per_minute = 0;  ///< 0: not known yet
    double granted = 1;     ///< the largest amount granted at once of late; no vendor's minute holds less
    SendLog log;
  };
  Rate& rate(int index) { return rates_[static_cast<size_t>(index)]; }
  /// Requests are, sought or not: how many were sent is asked about every rate.
  bool is_logged(int index) const { return index == 0 || rates_[static_cast<size_t>(index)].sought; }
  const SendLog& sends() const { return rates_[0].log; }
  bool concerns(int index, std::optional<Dimension> by) const;
  /// The window that is over at `until` was refused in after `paused` at least. True where it told the rates. Not
  /// `explained`: a 429 below what was believed to hold, which only a smaller count can tell more of.
  bool measure(std::optional<Dimension> by, Instant refused_at, Instant until, Instant paused, bool explained);
  bool count_window(std::optional<Dimension> by, Instant refused_at, Instant until, Instant window, bool explained);
  /// When the window that is over at `until` began. What slides says when the refused call fits: later than that by the
  /// call's share of the window. So a first refusal may be of all that was ever sent.
  Instant begin_of(Instant refused_at, Instant until, Instant window) const;
  void guess(Rate& rate, Instant refused_at, Instant retry_after) const;
  void note_pause(Instant paused);
  bool note_granted(const Demand& demand, Instant now);
  int64_t passed_calls(Instant now) const;
  /// Of the rate that was used most.
  struct Use {
    double share = 0;
    double usable = 1;  ///< without the largest amount, which pacing keeps free
  };
  Use use_of(Instant now) const;

  std::array<Rate, kRates> rates_;
  SlowStart slow_start_;
  Ascent ascent_;
  std::optional<Instant> began_;
  bool restored_ = false;  ///< what was sent before we began weighs too

  struct Refusal {
    Instant at{};
    std::optional<Dimension> by;
    Instant last_at{};       ///< the last one since, nothing having been admitted
    bool explained = false;  ///< by a step of ours, or by knowing nothing
  };
  std::optional<Refusal> unmeasured_;  ///< a 429 without Retry-After: its window is told by the next admission
  Instant cut_at_ = Instant::min();    ///< when the last 429 that was news was heard
  bool sure_ = false;
  int brief_ = 0;    ///< pauses of hardly a second that much too high a rate met, in a row
  double loss_ = 0;  ///< of the next 429 that no climb explains
  Instant granted_since_{};
  int gaps_ = 0;          ///< proofs of large steps that large amounts left gaps in
  int64_t passed_ = 0;    ///< answered on this rung
  bool told_ = true;      ///< the last 429 said when to come back: else it costs seconds, and is worth fewer steps
  bool telling_ = false;  ///< the last 429 met much too high a rate: its pause tells of the window
  bool step_was_ours_ = false;  ///< the last 429 met a rate that was known, not slow start
};

}  // namespace harvest::limit

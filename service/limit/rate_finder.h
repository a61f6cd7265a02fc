#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "service/limit/demand.h"
#include "service/limit/send_log.h"
#include "service/limit/slow_start.h"

namespace harvest::limit {

/// Rates that were found, per minute; what is not known is 0. Kept across restarts.
struct FoundRates {
  int64_t requests = 0;
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
};

/// Finds the rates that nobody states: no configuration, no header.
///
///     free      nothing is known; the rate doubles (slow_start.h) until the first 429
///     holding   at what was sent when the vendor refused
///     climbing  a step above what has proved itself; where that holds too, it is the new rate and the next step is
///               twice as large: so a limit that was raised is found again
///
/// The first 429 says almost everything, if it says when to come back. With Retry-After R and a window W the vendor
/// counts from t + R - W, and refuses at its limit: for R of more than 10 s only W = 60 is left, and what was sent
/// since then is the limit itself, whatever the enforcement. Without one, the pause until an attempt is admitted again
/// tells as much. A short R leaves shorter windows and buckets: a bucket of L that refills in a minute has given L (1 +
/// T / 60) after T seconds, the most cautious guess; steps are large at first then, and between two 429s of a bucket
/// exactly what was refilled was sent.
///
/// What a step may cost is bounded: it is made when 1,500 calls have passed for each 429 that the last one met (ten
/// minutes' worth where that is less), at the earliest after a minute (sooner while the first guess is corrected), and
/// only where the rate was used, since a rate that was not used has proved nothing. Steps become larger only where no
/// bucket can have lent what was sent above the last rate that proved itself.
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
  bool knows() const;
  /// Nothing: not known yet, and nothing to pace by.
  std::optional<int64_t> per_minute(Dimension rate) const;
  /// The last 429 told the window exactly, of 60 s: it is to be respected as such until it has passed.
  bool window_is_sure() const { return sure_; }

  /// When slow start lets the next one go.
  Instant ready_at(Instant now) const { return slow_start_.ready_at(now); }
  void sent(const Demand& demand, Instant now);
  /// It took other than reserved; nothing at all where the vendor did not process it.
  void settled(const Demand& reserved, const Actual& actual, Instant sent_at, Instant now);
  /// One more 429. `news`: not the echo of one. True where the rates have changed.
  bool throttled(std::optional<Dimension> by, std::optional<Instant> retry_after, Instant sent_at, bool news,
                 Instant now);
  /// An attempt came back with anything else. True where the rates have changed.
  bool passed(Instant sent_at, Instant now);

 private:
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
  /// Counted since the window began that will be over at `until`.
  bool measure_window(std::optional<Dimension> by, Instant refused_at, Instant until);
  void guess(Rate& rate, Instant refused_at, Instant retry_after) const;
  void step_back(Rate& rate, Instant refused_at) const;
  void note_granted(const Demand& demand, Instant now);
  /// Was enough sent since the last 429 to tell a rate from?
  bool measurable(Instant refused_at) const;
  void settle_rung(int caution, Instant now);
  int64_t calls_of_a_sure_rung() const;
  double used_share(Instant now) const;
  void climb(Instant now);

  std::array<Rate, kRates> rates_;
  SlowStart slow_start_;
  std::optional<Instant> began_;

  struct Refusal {
    Instant at{};
    std::optional<Dimension> by;
  };
  std::optional<Refusal> unmeasured_;      ///< a 429 without Retry-After: its window is told by the next admission
  Instant cut_at_ = Instant::min();        ///< when the last 429 that was news was heard
  Instant exhausted_at_ = Instant::min();  ///< a 429 to measure from: what was sent since is what was refilled
  bool sure_ = false;

  bool climbing_ = false;
  int caution_ = 0;      ///< how small the steps are
  double step_ = 0;      ///< of the next climb, or the running one's
  double above_ = 0;     ///< the rung that was climbed last, as a share above the one that climbing began at
  double lent_ = 0;      ///< sent above that one, in minutes' worth: a bucket may have lent up to one
  double loss_ = 0.015;  ///< of the next step back that no climb explains
  Instant rung_since_{};
  Instant granted_since_{};
  int64_t passed_ = 0;          ///< passed on this rung
  int64_t refusals_ = 1;        ///< 429s that the last step met
  bool step_was_ours_ = false;  ///< the last 429 met a rate that was known, not slow start
};

}  // namespace harvest::limit

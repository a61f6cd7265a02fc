#pragma once

#include <cstdint>

#include "service/limit/demand.h"

namespace harvest::limit {

/// How far above what holds the next try goes, and what has to be proved before it: the search for a limit that nobody
/// states, from below.
///
///     open         nothing was refused above yet: each step doubles
///     narrowing    something was: each step is half of the one before, whether that held or fell
///     creeping     by 2 % and more: so a limit that was raised is found again
///
/// A large step is proved by a few calls within seconds: it is either far too much, or hardly enough. Two percent take
/// a whole window and 1,500 calls for each 429 that the last step met: one 429 for so many calls is what finding out
/// may cost once the limit has been found. After a fall of which no step of ours was the cause (somebody else on the
/// key, a storm) the way back up begins with half of what was lost.
///
/// Steps grow again only where no bucket can have lent what was sent above the last rate that proved itself: it saves
/// up to a minute's worth. Pure; no clock.
class Ascent {
 public:
  /// Nothing is known of what lies above.
  void begin(Instant now);
  /// It is known well, by measure or from an earlier run: only creeping is left.
  void arrive(Instant now);

  /// Of the next step, or the running one.
  double step() const { return step_; }
  bool climbing() const { return climbing_; }
  /// More than a little above what holds: its refusal tells of the window.
  bool large() const;
  /// The search is over, or was once.
  bool arrived() const { return arrived_; }
  Instant since() const { return since_; }

  /// What proves this rung, at so many calls a minute (0: not known). `short_window`: of a second or a bucket.
  struct Proof {
    int64_t calls = 0;
    Instant time{};
  };
  Proof proof(double calls_per_minute, bool short_window) const;

  /// This rung held; goes up by step(). `window_sure`: no bucket is behind it.
  void climb(bool window_sure, Instant now);
  /// It was not used enough to prove anything.
  void wait(Instant now) { since_ = now; }
  /// It was used as far as it can be where single amounts are large: half the step is made from it.
  void shrink(Instant now);
  /// A 429 met the step.
  void fall(Instant now);
  /// A 429 met what had held; so much of it was given up.
  void lose(double share, Instant now);
  /// One more 429 of the same event.
  void count_refusal() { ++refusals_; }

 private:
  void settle(double step, Instant now);

  enum class Phase { kOpen, kNarrowing, kCreeping };
  Phase phase_ = Phase::kOpen;
  double step_ = 1;
  bool climbing_ = false;
  bool arrived_ = false;  ///< once: from then on 429s are counted
  Instant since_{};       ///< on this rung
  int64_t refusals_ = 1;  ///< 429s that the last step met
  double above_ = 0;      ///< this rung, as a share above the one that climbing began at
  double lent_ = 0;       ///< sent above that one, in minutes' worth
};

}  // namespace harvest::limit

#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "service/limit/demand.h"

namespace harvest::limit {

/// Finds how many may be in flight at a vendor that says so by refusing alone.
///
/// A 429 that names nothing may be of a rate or of what is in flight. Where it is the latter, calls are refused when
/// as many are out as are allowed, and never with fewer, whatever was sent in the last seconds or minute. So 429s in a
/// row, each of the same place within what is on the wire, with hardly a call admitted above it, tell; a rate refuses
/// at any number in flight that its calls come to (of evenly paced calls that take 1 to 4 s the number swings by a
/// tenth of 100), and was met by many more while it was sought. A try that goes alone and is refused tells of something
/// else.
///
///     unknown    nothing bounds
///     held       one place below the least that was refused: steady, nothing is refused there
///     climbing   a step above what held; where that holds too, it is the bound and the next step is twice as large
///
/// From a bound that holds the next place is tried after a minute in which all places were in use for 1,200 calls, then
/// two, then four: one 429 for so many calls is what finding out may cost. Back from a fall that no step explains
/// (somebody else on the key took his part) a few calls are enough. Three of them in a row, or one far below, say
/// that it was no place at all: it takes twice as many to be believed again. Pure; owned by the ConcurrencyWindow.
class PlaceFinder {
 public:
  /// Nothing: not known.
  std::optional<int64_t> bound() const { return bound_; }
  void restore(int64_t bound);
  void forget();

  /// The attempt that left as the `among`th in flight was admitted.
  void admitted(int64_t among, Instant sent_at, Instant now);
  /// It was refused, and nothing said for what: news, not the echo of an earlier refusal. True: for the number in
  /// flight, by all that is known.
  bool refused(int64_t among, Instant now);
  /// One more was refused in the same event.
  void refused_as_well(int64_t among);
  /// It was refused for the number in flight, by the vendor's own words.
  void refused_by_name(int64_t among, Instant now);
  /// A refusal was met that the number in flight does not explain.
  void doubt(Instant now);

 private:
  void believe(int64_t among, Instant now);
  void fall(int64_t among, Instant now);
  void go_up(Instant now);
  bool is_proved(Instant now) const;
  void note(int64_t among, Instant now);
  /// Hardly a call was admitted that left with as many out: not of late, and none with more for half an hour.
  bool is_highest(int64_t among) const;

  static constexpr int kAlikeFirst = 3;
  static constexpr int kAlikeMost = 12;
  static constexpr int kSlipsMost = 2;
  static constexpr int64_t kRecent = 512;

  std::array<int32_t, kRecent> recent_{};  ///< the numbers in flight of calls that were admitted, a ring
  int64_t admitted_ = 0;
  int64_t most_ = 0, most_before_ = 0;  ///< of those numbers, in this quarter of an hour and the one before
  Instant most_since_{};
  int alike_ = 0;             ///< refusals of the same place, in a row
  int needed_ = kAlikeFirst;  ///< so many are believed
  int64_t least_ = 0;         ///< of those

  std::optional<int64_t> bound_;
  int64_t proved_ = 0;  ///< the bound that held, before the last step
  int64_t top_ = 0;     ///< what the bound was when it was found last
  bool climbing_ = false;
  int64_t step_ = 1;
  int fallen_ = 0;    ///< steps of one place that were refused, in a row
  int slips_ = 0;     ///< refusals that no step explains, since the bound held last
  int64_t full_ = 0;  ///< calls admitted into the last place since
  Instant since_{};   ///< this bound is in force
};

}  // namespace harvest::limit

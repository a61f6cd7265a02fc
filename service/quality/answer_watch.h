#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "harvest/v1/job.pb.h"
#include "service/quality/answer_traits.h"

namespace harvest::quality {

/// The last answers of one teacher to one job, which has one template: how many of them were refused, cut off, empty,
/// or the same as another of them.
///
/// A guard states which share of each is too much. It trips on evidence: not when the share that was seen lies above,
/// but when the share that must be assumed behind it does. That is the lower end of Wilson's score interval,
///
///   (p + z²/2n − z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)      p of n answers, z = 4
///
/// Of a window of 200, 20 % is passed by 63 answers, of the first 20 by 12. The guard is asked anew with each of a
/// million answers, so z must be large: with z = 3 one job in four whose teacher refuses 18 % is paused by chance
/// within 30,000 answers, with z = 4 none, at the price of six answers more (tests/quality measures both ends).
///
/// One owner. An answer takes constant time beside its hash, and the window some fifty bytes for each.
class AnswerWatch {
 public:
  explicit AnswerWatch(const v1::Guard& guard) : window_(window_of(guard)) {}

  /// One more answer. Its traits, with whether it is a duplicate of one that is in the window.
  AnswerTraits add(AnswerTraits traits);
  /// Another guard: a smaller window forgets the oldest.
  void set_window(const v1::Guard& guard);
  /// Nothing was seen yet.
  void clear();

  /// Which of the guard's shares is passed, if any.
  struct Trip {
    std::string_view trait;  ///< refused, truncated, empty, duplicate
    uint64_t count = 0;
    uint64_t answers = 0;
    double threshold = 0;
  };
  std::optional<Trip> trips(const v1::Guard& guard) const;
  /// All but the teacher's name.
  v1::AnswerRates rates() const;

  /// How many answers a guard looks at.
  static size_t window_of(const v1::Guard& guard);

 private:
  struct Seen {
    uint64_t text_hash = 0;
    bool refused = false, truncated = false, empty = false;
  };
  static bool may_repeat(const Seen& seen) { return !seen.refused && !seen.empty; }
  void forget_oldest();

  size_t window_;
  std::deque<Seen> seen_;
  absl::flat_hash_map<uint64_t, uint32_t> texts_;  // of those that may be duplicates: how often each stands there
  uint64_t refused_ = 0, truncated_ = 0, empty_ = 0, duplicate_ = 0;
};

/// Is any share of it watched?
bool watches(const v1::Guard& guard);

/// The guard's reason for a pause, for people. `teacher`: whose answers. Begins with "guard".
std::string reason_of(const AnswerWatch::Trip& trip, const std::string& teacher);

}  // namespace harvest::quality

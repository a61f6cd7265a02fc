#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harvest/v1/drift.pb.h"

namespace harvest::quality {

/// Canaries: prompts that a teacher is asked again and again at temperature 0, and whose answers are compared with
/// those of before. When half of those that have a vote answer otherwise in two rounds in a row, another model answers.
///
/// Answers at temperature 0 are not always the same, so a canary earns its vote: it has one once it was answered alike
/// in the first three rounds. One that was not has none until the baseline is taken anew, and neither has one that
/// strayed twice since, that is, was answered otherwise in one round and as before in the next.
///
///   round      1     2     3     4     5     6     7
///   steady     A     A     A     A     B     B            votes from 4 on; 5 and 6: it has changed
///   varying    A     B                                    no vote
///   straying   A     A     A     C     A     D     A      no vote from 7 on
///
/// Pure. Works on the rows of a DriftBook, which its owner keeps.
class CanaryPanel {
 public:
  /// The book must live as long as the panel.
  explicit CanaryPanel(v1::DriftBook& book) : book_(book) {}

  /// What one canary was answered. A round leaves out those that got no answer: no vote, no harm.
  struct Answered {
    uint64_t prompt_hash = 0;
    uint64_t answer_hash = 0;
  };
  /// A round was asked. `asked`: the canaries by the hash of their text, as they are configured now; what is known of
  /// others is forgotten. Says in figures what has changed, where it tells that something has: the baseline is then
  /// taken anew, with this round as its first.
  std::optional<std::string> heard(const std::vector<uint64_t>& asked, const std::vector<Answered>& round,
                                   int64_t utc_us);
  /// All canaries begin anew: another model answers, as was told otherwise.
  void forget();

 private:
  v1::DriftBook::Canary& row(uint64_t prompt_hash);

  v1::DriftBook& book_;
};

/// Has it a vote?
bool tells(const v1::DriftBook::Canary& canary);

}  // namespace harvest::quality

#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/inlined_vector.h"
#include "harvest/v1/answer.pb.h"
#include "harvest/v1/query.pb.h"
#include "service/flow/twins.h"
#include "service/limit/token_book.h"
#include "storage/store/change.h"

namespace harvest::flow {

/// A teacher that may be asked this query, with what depends on the teacher.
struct Candidate {
  uint32_t teacher = 0;  ///< index in the harvester's teachers
  int64_t input_tokens_max = 0;
  int64_t output_tokens_max = 0;  ///< of one answer
  limit::TokenBook::Kind kind = 0;
  struct Sample {
    store::Identity identity{};
    Twins::Ticket ticket;
  };
  absl::InlinedVector<Sample, 1> samples;  ///< one; of a group, one each

  /// Of the answers to all samples together.
  int64_t answers_tokens_max() const {
    return output_tokens_max * std::max<int64_t>(1, static_cast<int64_t>(samples.size()));
  }

  /// Tokens that it is expected to take, by which jobs share a teacher: bounds are seldom used up.
  int64_t tokens_expected() const { return std::max<int64_t>(1, input_tokens_max / 4 + answers_tokens_max() / 2); }
};

/// A query read from disk and ready to be asked: everything that one attempt needs. Or a group: some samples of one
/// prompt that one attempt asks for at once (sample_groups.h). A kilobyte of messages: it stays where it was made and
/// is handed on by its address, from the reader through the queue to its run.
struct Ready {
  store::Place place;
  uint64_t prompt_index = 0;
  uint32_t sample = 0;    ///< of a group, the first one's
  uint32_t attempts = 0;  ///< made before
  uint32_t throttled = 0;
  uint32_t crashes = 0;
  uint32_t turn = 0;                                             ///< of its conversation, from 0
  google::protobuf::RepeatedPtrField<std::string> turns_before;  ///< their records
  /// Of samples that are asked until one is accepted: this and those after it. `turn` is then the sample, and
  /// `turns_before` names the one before it, which is no part of what is said. 0: of no such job.
  uint32_t samples_left = 0;
  bool online = false;               ///< goes online, whatever the route of its job
  std::chrono::nanoseconds since{};  ///< monotonic: when it came into the queue
  /// With the job's system message in front, its source filled in, and what was said so far; `later_turns` are those
  /// after this one.
  v1::Prompt prompt;
  v1::Sampling sampling;  ///< the line's over the job's; seed + sample; the cap is the candidate's, put in when asked
  absl::InlinedVector<Candidate, 1> candidates;
  /// The tenant has a whole answer already: the pair to store instead of asking.
  struct Known {
    v1::Pair pair;
    uint64_t raw_bytes = 0;         ///< of the answer
    int64_t saved_picodollars = 0;  ///< what asking would have cost again
    store::Onward onward;
  };
  std::optional<Known> known;

  uint32_t queries() const { return place.queries; }
  bool until_accepted() const { return samples_left > 0; }
  /// What may be asked after it: turns, or samples until one is accepted.
  uint32_t turns_left() const {
    return until_accepted() ? samples_left - 1 : static_cast<uint32_t>(prompt.later_turns_size());
  }
  bool in_conversation() const { return turn > 0 || turns_left() > 0; }
  /// Where its conversation stands, into its intent or its row.
  template <typename Row>
  void put_turn(Row& row) const {
    row.set_turn(turn);
    *row.mutable_parent_record_ids() = turns_before;
  }
  const Candidate* candidate(uint32_t teacher) const {
    for (const Candidate& candidate : candidates)
      if (candidate.teacher == teacher) return &candidate;
    return nullptr;
  }
};
using ReadyPtr = std::unique_ptr<Ready>;

}  // namespace harvest::flow

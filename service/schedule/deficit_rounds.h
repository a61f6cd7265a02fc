#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "service/schedule/stream_key.h"

namespace harvest::schedule {

/// The decision of FairQueue, without the items: deficit round robin (Shreedhar and Varghese 1995) over streams of
/// costs, one round per teacher.
///
/// A round is a list of the streams that have something for its teacher. The stream in front gets its quantum once per
/// visit and is served while its deficit pays for its head; then it moves to the back.
///
///     quantum = weight / mean weight * mean cost
///
/// Relative to the mean weight, so that weights of 100 each make no runs of 100. Estimates that were off are put right
/// at the stream's next visit, at most one more quantum (or head) of credit at a time, so that no visit exceeds two
/// quanta and one item. When a whole round pays for no head (quanta far below the items), the missing rounds are added
/// in one step: a take costs O(1) amortised however many streams there are.
///
/// Pure; owned by its FairQueue.
class DeficitRounds {
 public:
  void open(StreamKey key, double weight, const std::vector<uint32_t>& teachers);
  void close(StreamKey key);
  void set_weight(StreamKey key, double weight);
  bool contains(StreamKey key) const { return streams_.contains(key); }

  void push(StreamKey key, int64_t cost);
  void block(StreamKey key);
  void unblock(StreamKey key);

  /// Whose head goes next to this teacher.
  std::optional<StreamKey> front(uint32_t teacher);
  /// Removes the head of front(), which must exist.
  StreamKey take(uint32_t teacher);
  void correct(StreamKey key, uint32_t teacher, int64_t tokens);

 private:
  struct Stream;
  using Round = std::list<Stream*>;

  /// What a stream has with one teacher.
  struct Seat {
    uint32_t teacher = 0;
    bool in_round = false;
    Round::iterator place;
    double deficit = 0;  ///< tokens it may still send in this visit
    double owed = 0;     ///< by corrections, negative when it owes; settled at the next visit
  };
  struct Stream {
    StreamKey key;
    double weight = 1;
    bool blocked = false;
    std::deque<int64_t> costs;
    std::vector<Seat> seats;
  };
  struct Teacher {
    Round round;
    bool visiting = false;  ///< the stream in front has had its quantum of this visit
  };

  Stream& stream(StreamKey key);
  static Seat& seat(Stream& stream, uint32_t teacher);
  double quantum(const Stream& stream) const;
  void join(Stream& stream);
  void leave(Seat& seat);
  void leave_all(Stream& stream);
  void visit(Stream& stream, Seat& seat) const;
  void skip_barren_rounds(uint32_t teacher, Round& round);

  std::unordered_map<StreamKey, Stream, StreamKeyHash> streams_;
  std::unordered_map<uint32_t, Teacher> teachers_;
  double weights_ = 0;  ///< sum over open streams
  double mean_cost_ = 0;
  int64_t costs_seen_ = 0;
};

}  // namespace harvest::schedule

#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "service/schedule/places.h"
#include "service/schedule/share.h"
#include "service/schedule/share_tree.h"
#include "service/schedule/stream_key.h"

namespace harvest::schedule {

/// The decision of FairQueue, without the items: streams of costs, each with a seat in the share tree of every teacher
/// that it serves. It has a seat there from open() to close(), and stands in the rounds while it has something and is
/// neither blocked nor held at that teacher.
///
/// Pure; owned by its FairQueue.
class DeficitRounds {
 public:
  void open(StreamKey key, const Share& share, const std::vector<uint32_t>& teachers);
  void close(StreamKey key);
  void set_share(StreamKey key, const Share& share);
  void set_share(StreamKey key, uint32_t teacher, const Share& share);
  bool contains(StreamKey key) const { return streams_.contains(key); }

  void push(StreamKey key, int64_t cost);
  void block(StreamKey key);
  void unblock(StreamKey key);
  void hold(StreamKey key, uint32_t teacher);
  void release(StreamKey key, uint32_t teacher);

  /// Whose head goes next to this teacher.
  std::optional<StreamKey> front(uint32_t teacher);
  /// Removes the head of front(), which must exist.
  StreamKey take(uint32_t teacher);
  void correct(StreamKey key, uint32_t teacher, int64_t tokens);

 private:
  struct Stream {
    bool blocked = false;
    std::deque<int64_t> costs;
    std::list<Seat> seats;  ///< one a teacher
  };

  Stream& stream(StreamKey key);
  Seat& seat_at(Stream& stream, uint32_t teacher);
  static void join(Stream& stream);
  static void leave(Stream& stream);

  std::unordered_map<uint32_t, ShareTree> teachers_;
  std::unordered_map<StreamKey, Stream, StreamKeyHash> streams_;
};

}  // namespace harvest::schedule

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>

#include "service/schedule/floors.h"
#include "service/schedule/round.h"
#include "service/schedule/share.h"
#include "service/schedule/stream_key.h"

namespace harvest::schedule {

class ShareTree;

/// A place in a teacher's ShareTree that others stand below: it sends what they send, by turns.
struct Group : Member {
  Head head() override { return members.head(); }

  Group* above = nullptr;  ///< null: the root
  Round members;
  size_t places = 0;  ///< below it, with or without something to send
};

struct Tenant : Group {
  std::map<uint8_t, Group> priorities;
};

struct Job : Group {
  Share share;
  Floor floor{*this};
};

/// A stream's place at one teacher, the lowest: it sends the heads of the stream.
class Seat final : public Member {
 public:
  Seat(ShareTree& tree, StreamKey key, const std::deque<int64_t>& costs) : tree(tree), key(key), costs_(costs) {}
  Head head() override { return {.seat = this, .cost = costs_.front()}; }

  ShareTree& tree;
  const StreamKey key;
  Job* job = nullptr;
  bool held = false;  ///< passed over here, whatever the stream does elsewhere

 private:
  const std::deque<int64_t>& costs_;
};

}  // namespace harvest::schedule

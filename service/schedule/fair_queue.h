#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace harvest::schedule {

/// One queue of a job (proto Stream): job number and index of the stream in it.
struct StreamKey {
  uint64_t job = 0;
  uint32_t stream = 0;
  auto operator<=>(const StreamKey&) const = default;
};

/// Deficit round robin over streams, asked per teacher: which query goes next to this teacher?
///
/// Cost is estimated tokens, so that a job of long prompts gets no more than its share. Quantum = weight × mean cost; a deficit is
/// carried only while the stream is backlogged. A stream may serve several teachers (SPREAD): it is one queue, in every
/// teacher's round; each teacher keeps its own round and deficits. A head once chosen for a teacher stays its front until it is
/// taken, or its stream is blocked or closed: large prompts are not overtaken for ever. Bound: a stream waits at most for the
/// other streams' quanta plus one largest item.
///
/// Pure; one owner, the decision lane. T is what flow prepared for the query; it is moved in and out, never looked at.
template <typename T>
class FairQueue {
 public:
  /// A stream enters the rounds of `teachers` (indexes of the caller's choosing), with `weight` > 0.
  void open(StreamKey key, double weight, std::vector<uint32_t> teachers);
  void close(StreamKey key);  ///< drops what it still holds
  void set_weight(StreamKey key, double weight);
  bool contains(StreamKey key) const;

  /// Appends an item of `cost` > 0 tokens. Order within a stream is kept.
  void push(StreamKey key, int64_t cost, T item);
  size_t size(StreamKey key) const;
  size_t size() const;

  /// Blocked streams are passed over (their job's budget is used up, say) and keep what they hold.
  void block(StreamKey key);
  void unblock(StreamKey key);

  /// The next item for this teacher, or null. Stable until take(), block() or close().
  const T* front(uint32_t teacher);
  std::optional<StreamKey> front_stream(uint32_t teacher);
  /// Removes and returns front(teacher), charging its cost.
  T take(uint32_t teacher);
  /// The estimate was off by `tokens` (actual - estimated): corrects the stream's deficit with this teacher.
  void correct(StreamKey key, uint32_t teacher, int64_t tokens);
};

}  // namespace harvest::schedule

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "service/schedule/deficit_rounds.h"
#include "service/schedule/stream_key.h"

namespace harvest::schedule {

/// Deficit round robin over streams, asked per teacher: which query goes next to this teacher?
///
///   queue.open({.job = 7, .stream = 0}, weight, {teacher});
///   queue.push(key, tokens, query);
///   if (const Query* next = queue.front(teacher)) ... a permit? ... query = queue.take(teacher);
///   ... answered ... queue.correct(key, teacher, actual_tokens - tokens);
///
/// Cost is estimated tokens, so that a job of long prompts gets no more than its share. Quantum = weight × mean cost; a
/// deficit is carried only while the stream is backlogged. A stream may serve several teachers (SPREAD): it is one
/// queue, in every teacher's round; each teacher keeps its own round and deficits. A head once chosen for a teacher
/// stays its front until it is taken (by another teacher of its stream, maybe), or its stream is blocked or closed:
/// large prompts are not overtaken for ever. Bound: a stream waits at most for the other streams' quanta plus one
/// largest item each (two quanta where estimates are being put right). The decision itself is deficit_rounds.h.
///
/// Pure; one owner, the decision lane. T is what flow prepared for the query; it is moved in and out, never looked at.
template <typename T>
class FairQueue {
 public:
  /// A stream enters the rounds of `teachers` (indexes of the caller's choosing), with `weight` > 0.
  void open(StreamKey key, double weight, const std::vector<uint32_t>& teachers) {
    rounds_.open(key, weight, teachers);
    items_.try_emplace(key);
  }
  /// Drops what it still holds.
  void close(StreamKey key) {
    rounds_.close(key);
    size_ -= items_.at(key).size();
    items_.erase(key);
  }
  void set_weight(StreamKey key, double weight) { rounds_.set_weight(key, weight); }
  bool contains(StreamKey key) const { return rounds_.contains(key); }

  /// Appends an item of `cost` > 0 tokens. Order within a stream is kept.
  void push(StreamKey key, int64_t cost, T item) {
    items_.at(key).push_back(std::move(item));
    ++size_;
    rounds_.push(key, cost);
  }
  size_t size(StreamKey key) const { return items_.at(key).size(); }
  size_t size() const { return size_; }
  /// What has stood longest in a stream, or null.
  const T* oldest(StreamKey key) const {
    const std::deque<T>& items = items_.at(key);
    return items.empty() ? nullptr : &items.front();
  }

  /// Blocked streams are passed over (their job's budget is used up, say) and keep what they hold.
  void block(StreamKey key) { rounds_.block(key); }
  void unblock(StreamKey key) { rounds_.unblock(key); }

  /// The next item for this teacher, or null. Stable until take(), block() or close().
  const T* front(uint32_t teacher) {
    const std::optional<StreamKey> key = rounds_.front(teacher);
    return key ? &items_.at(*key).front() : nullptr;
  }
  std::optional<StreamKey> front_stream(uint32_t teacher) { return rounds_.front(teacher); }

  /// Removes and returns front(teacher), charging its cost.
  T take(uint32_t teacher) {
    std::deque<T>& items = items_.at(rounds_.take(teacher));
    T item = std::move(items.front());
    items.pop_front();
    --size_;
    return item;
  }

  /// The estimate was off by `tokens` (actual - estimated): corrects the stream's deficit with this teacher.
  void correct(StreamKey key, uint32_t teacher, int64_t tokens) { rounds_.correct(key, teacher, tokens); }

 private:
  DeficitRounds rounds_;
  std::unordered_map<StreamKey, std::deque<T>, StreamKeyHash> items_;
  size_t size_ = 0;
};

}  // namespace harvest::schedule

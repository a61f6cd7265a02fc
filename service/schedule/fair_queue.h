#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "service/schedule/deficit_rounds.h"
#include "service/schedule/share.h"
#include "service/schedule/stream_key.h"

namespace harvest::schedule {

/// Hierarchical deficit round robin over streams, asked per teacher: which query goes next to this teacher?
///
///   queue.open({.job = 7, .stream = 0}, {.tenant = 3, .priority = 1, .weight = 2, .floor = 0.1}, {teacher});
///   queue.push(key, tokens, query);
///   if (const Query* next = queue.front(teacher)) ... a permit? ... query = queue.take(teacher);
///   ... answered ... queue.correct(key, teacher, actual_tokens - tokens);
///
/// What a teacher serves is divided among tenants, the part of each among its priorities, then among their jobs, then
/// equally among the job's streams; who has nothing to send leaves his part to the others of his level. Cost is
/// estimated tokens, so that a job of long prompts gets no more than its share. A stream may serve several teachers
/// (SPREAD): it is one queue, in every teacher's rounds; each teacher keeps its own rounds, deficits and floors. A head
/// once chosen for a teacher stays its front until it is taken (by another teacher of its stream, maybe), or its stream
/// is blocked or closed: large prompts are not overtaken for ever.
///
/// Bounds, in tokens and at every level: what a member is served differs from its weight's part by at most one quantum
/// and one largest item; it waits for the rounds whose quanta pay for its head, in each for the others' quanta plus one
/// largest item each (two quanta where estimates are being put right). A job's floor is missed by at most one largest
/// item. The decision itself is deficit_rounds.h.
///
/// Pure; one owner, the decision lane. T is what flow prepared for the query; it is moved in and out, never looked at.
template <typename T>
class FairQueue {
 public:
  /// A stream enters the rounds of `teachers` (indexes of the caller's choosing), with its job's share there.
  void open(StreamKey key, const Share& share, const std::vector<uint32_t>& teachers) {
    rounds_.open(key, share, teachers);
    items_.try_emplace(key);
  }
  /// Drops what it still holds.
  void close(StreamKey key) {
    rounds_.close(key);
    size_ -= items_.at(key).size();
    items_.erase(key);
  }
  /// Gives the stream's job another share at the stream's teachers. It keeps what it holds, and a front stays.
  void set_share(StreamKey key, const Share& share) { rounds_.set_share(key, share); }
  /// The same at one of its teachers.
  void set_share(StreamKey key, uint32_t teacher, const Share& share) { rounds_.set_share(key, teacher, share); }
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
  /// The same at one of the stream's teachers alone, which cannot serve it now: the others go on. A stream may be held
  /// and blocked at once, and goes when it is neither.
  void hold(StreamKey key, uint32_t teacher) { rounds_.hold(key, teacher); }
  void release(StreamKey key, uint32_t teacher) { rounds_.release(key, teacher); }

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

  /// The estimate was off by `tokens` (actual - estimated): corrects what its shares and floor were charged with this
  /// teacher.
  void correct(StreamKey key, uint32_t teacher, int64_t tokens) { rounds_.correct(key, teacher, tokens); }

 private:
  DeficitRounds rounds_;
  std::unordered_map<StreamKey, std::deque<T>, StreamKeyHash> items_;
  size_t size_ = 0;
};

}  // namespace harvest::schedule

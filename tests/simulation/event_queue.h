#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace harvest::simulation {

using Time = std::chrono::nanoseconds;

/// The virtual clock: what happens when. Events of one time happen in the order they were planned, so a run is its
/// seed.
class EventQueue {
 public:
  Time now() const { return now_; }

  void at(Time when, std::function<void()> what) {
    events_.push(Event{std::max(when, now_), next_++, std::move(what)});
  }
  void after(Time delay, std::function<void()> what) { at(now_ + delay, std::move(what)); }

  /// Lets the next event happen; false when there is none left before `end`.
  bool step(Time end) {
    if (events_.empty() || events_.top().when > end) return false;
    // The queue gives only const access to its top, and the event must outlive its place there.
    const Event event = events_.top();
    events_.pop();
    now_ = event.when;
    event.what();
    return true;
  }

 private:
  struct Event {
    Time when;
    uint64_t number;
    std::function<void()> what;
    bool operator<(const Event& other) const { return std::pair(when, number) > std::pair(other.when, other.number); }
  };
  Time now_{0};
  uint64_t next_ = 0;
  std::priority_queue<Event> events_;
};

}  // namespace harvest::simulation

#include "service/schedule/deficit_rounds.h"

#include <algorithm>
#include <cassert>

namespace harvest::schedule {

void DeficitRounds::open(StreamKey key, const Share& share, const std::vector<uint32_t>& teachers) {
  assert(!teachers.empty());
  const auto [entry, fresh] = streams_.try_emplace(key);
  assert(fresh);
  Stream& opened = entry->second;
  for (const uint32_t teacher : teachers) {
    ShareTree& tree = teachers_[teacher];
    tree.open(opened.seats.emplace_back(tree, key, opened.costs), share);
  }
}

void DeficitRounds::close(StreamKey key) {
  Stream& closed = stream(key);
  leave(closed);
  for (Seat& seat : closed.seats) seat.tree.close(seat);
  streams_.erase(key);
}

void DeficitRounds::set_share(StreamKey key, const Share& share) {
  for (Seat& seat : stream(key).seats) seat.tree.set_share(seat, share);
}

void DeficitRounds::set_share(StreamKey key, uint32_t teacher, const Share& share) {
  Seat& seat = seat_at(stream(key), teacher);
  seat.tree.set_share(seat, share);
}

void DeficitRounds::push(StreamKey key, int64_t cost) {
  assert(cost > 0);
  Stream& pushed = stream(key);
  pushed.costs.push_back(cost);
  if (pushed.costs.size() == 1 && !pushed.blocked) join(pushed);
}

void DeficitRounds::block(StreamKey key) {
  Stream& blocked = stream(key);
  blocked.blocked = true;
  leave(blocked);
}

void DeficitRounds::unblock(StreamKey key) {
  Stream& unblocked = stream(key);
  unblocked.blocked = false;
  if (!unblocked.costs.empty()) join(unblocked);
}

void DeficitRounds::hold(StreamKey key, uint32_t teacher) {
  Seat& seat = seat_at(stream(key), teacher);
  seat.held = true;
  seat.tree.leave(seat);
}

void DeficitRounds::release(StreamKey key, uint32_t teacher) {
  Stream& released = stream(key);
  Seat& seat = seat_at(released, teacher);
  seat.held = false;
  if (!released.blocked && !released.costs.empty()) seat.tree.join(seat);
}

std::optional<StreamKey> DeficitRounds::front(uint32_t teacher) {
  const auto asked = teachers_.find(teacher);
  if (asked == teachers_.end()) return std::nullopt;
  const Seat* seat = asked->second.front();
  if (seat == nullptr) return std::nullopt;
  return seat->key;
}

StreamKey DeficitRounds::take(uint32_t teacher) {
  const std::optional<StreamKey> key = front(teacher);
  assert(key.has_value());
  teachers_.at(teacher).take();
  Stream& taken = stream(*key);
  taken.costs.pop_front();
  for (Seat& seat : taken.seats) seat.tree.forget(seat);
  if (taken.costs.empty()) leave(taken);
  return *key;
}

void DeficitRounds::correct(StreamKey key, uint32_t teacher, int64_t tokens) {
  const auto found = streams_.find(key);
  if (found == streams_.end()) return;  // closed meanwhile
  Seat& seat = seat_at(found->second, teacher);
  seat.tree.correct(seat, tokens);
}

DeficitRounds::Stream& DeficitRounds::stream(StreamKey key) {
  const auto found = streams_.find(key);
  assert(found != streams_.end());
  return found->second;
}

Seat& DeficitRounds::seat_at(Stream& stream, uint32_t teacher) {
  const auto seat = std::find_if(stream.seats.begin(), stream.seats.end(),
                                 [tree = &teachers_.at(teacher)](const Seat& seat) { return &seat.tree == tree; });
  assert(seat != stream.seats.end());
  return *seat;
}

void DeficitRounds::join(Stream& stream) {
  for (Seat& seat : stream.seats)
    if (!seat.held) seat.tree.join(seat);
}

void DeficitRounds::leave(Stream& stream) {
  for (Seat& seat : stream.seats) seat.tree.leave(seat);
}

}  // namespace harvest::schedule

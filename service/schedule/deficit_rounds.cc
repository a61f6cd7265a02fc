#include "service/schedule/deficit_rounds.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace harvest::schedule {
namespace {

/// The mean forgets: over about so many items.
constexpr int64_t kMeanOver = 1024;

}  // namespace

void DeficitRounds::open(StreamKey key, double weight, const std::vector<uint32_t>& teachers) {
  assert(weight > 0 && !teachers.empty());
  const auto [entry, fresh] = streams_.try_emplace(key);
  assert(fresh);
  Stream& opened = entry->second;
  opened.key = key;
  opened.weight = weight;
  for (const uint32_t teacher : teachers) opened.seats.push_back(Seat{.teacher = teacher});
  weights_ += weight;
}

void DeficitRounds::close(StreamKey key) {
  Stream& closed = stream(key);
  leave_all(closed);
  weights_ -= closed.weight;
  streams_.erase(key);
  if (streams_.empty()) weights_ = 0;
}

void DeficitRounds::set_weight(StreamKey key, double weight) {
  assert(weight > 0);
  Stream& changed = stream(key);
  weights_ += weight - changed.weight;
  changed.weight = weight;
}

void DeficitRounds::push(StreamKey key, int64_t cost) {
  assert(cost > 0);
  costs_seen_ = std::min(costs_seen_ + 1, kMeanOver);
  mean_cost_ += (static_cast<double>(cost) - mean_cost_) / static_cast<double>(costs_seen_);
  Stream& pushed = stream(key);
  pushed.costs.push_back(cost);
  if (!pushed.blocked) join(pushed);
}

void DeficitRounds::block(StreamKey key) {
  Stream& blocked = stream(key);
  blocked.blocked = true;
  leave_all(blocked);
}

void DeficitRounds::unblock(StreamKey key) {
  Stream& unblocked = stream(key);
  unblocked.blocked = false;
  if (!unblocked.costs.empty()) join(unblocked);
}

std::optional<StreamKey> DeficitRounds::front(uint32_t teacher) {
  Teacher& asked = teachers_[teacher];
  Round& round = asked.round;
  size_t unpaid = 0;  // streams passed since one was served or left
  while (!round.empty()) {
    Stream& first = *round.front();
    Seat& place = seat(first, teacher);
    if (first.costs.empty()) {  // another teacher took its last item
      leave(place);
      unpaid = 0;
      continue;
    }
    if (!asked.visiting) {
      visit(first, place);
      asked.visiting = true;
    }
    if (place.deficit >= static_cast<double>(first.costs.front())) return first.key;
    asked.visiting = false;
    round.splice(round.end(), round, round.begin());
    if (++unpaid == round.size()) {
      skip_barren_rounds(teacher, round);
      unpaid = 0;
    }
  }
  return std::nullopt;
}

void DeficitRounds::visit(Stream& stream, Seat& seat) const {
  const double share = quantum(stream);
  const double credit = std::min(seat.owed, std::max(share, static_cast<double>(stream.costs.front())));
  seat.owed -= credit;
  seat.deficit += share + credit;
}

void DeficitRounds::skip_barren_rounds(uint32_t teacher, Round& round) {
  double rounds = std::numeric_limits<double>::max();
  for (Stream* waiting : round) {
    if (waiting->costs.empty()) return;  // it leaves at its turn
    const Seat& place = seat(*waiting, teacher);
    const double missing = static_cast<double>(waiting->costs.front()) - place.deficit - place.owed;
    rounds = std::min(rounds, std::ceil(missing / quantum(*waiting)) - 1);
  }
  if (rounds < 1) return;
  for (Stream* waiting : round) seat(*waiting, teacher).deficit += rounds * quantum(*waiting);
}

StreamKey DeficitRounds::take(uint32_t teacher) {
  const std::optional<StreamKey> key = front(teacher);
  assert(key.has_value());
  Stream& taken = stream(*key);
  Seat& place = seat(taken, teacher);
  place.deficit -= static_cast<double>(taken.costs.front());
  taken.costs.pop_front();
  if (taken.costs.empty()) leave(place);
  return *key;
}

void DeficitRounds::correct(StreamKey key, uint32_t teacher, int64_t tokens) {
  const auto found = streams_.find(key);
  if (found == streams_.end()) return;  // closed meanwhile
  Seat& place = seat(found->second, teacher);
  place.owed -= static_cast<double>(tokens);
  // Credit is carried only while the stream is backlogged; debts are.
  if (!place.in_round) place.owed = std::min(place.owed, 0.0);
}

DeficitRounds::Stream& DeficitRounds::stream(StreamKey key) {
  const auto found = streams_.find(key);
  assert(found != streams_.end());
  return found->second;
}

DeficitRounds::Seat& DeficitRounds::seat(Stream& stream, uint32_t teacher) {
  const auto found =
      std::find_if(stream.seats.begin(), stream.seats.end(), [&](const Seat& seat) { return seat.teacher == teacher; });
  assert(found != stream.seats.end());
  return *found;
}

double DeficitRounds::quantum(const Stream& stream) const {
  const double mean_weight = weights_ / static_cast<double>(streams_.size());
  return std::max(stream.weight / mean_weight * mean_cost_, 1.0 / 1024);
}

void DeficitRounds::join(Stream& stream) {
  for (Seat& place : stream.seats) {
    if (place.in_round) continue;
    Round& round = teachers_[place.teacher].round;
    place.place = round.insert(round.end(), &stream);
    place.in_round = true;
  }
}

void DeficitRounds::leave(Seat& seat) {
  Teacher& teacher = teachers_[seat.teacher];
  if (seat.place == teacher.round.begin()) teacher.visiting = false;
  teacher.round.erase(seat.place);
  seat.in_round = false;
  seat.owed = std::min(seat.owed + std::min(seat.deficit, 0.0), 0.0);
  seat.deficit = 0;
}

void DeficitRounds::leave_all(Stream& stream) {
  for (Seat& place : stream.seats) {
    if (place.in_round) leave(place);
  }
}

}  // namespace harvest::schedule

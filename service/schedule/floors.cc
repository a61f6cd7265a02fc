#include "service/schedule/floors.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "service/schedule/bounded.h"

namespace harvest::schedule {
namespace {

/// The rest is for those without a floor: nobody starves, whatever the floors add up to.
constexpr double kFloorsMost = 0.99;
/// How far estimates that were off may move the credit beyond zero, in their own size.
constexpr double kCorrectionReach = 64;

}  // namespace

void Floors::join(Floor& floor) {
  accrue(floor);
  floor.credit = std::min(floor.credit, 0.0);
  line_up(floor);
}

void Floors::leave(Floor& floor) {
  accrue(floor);
  step_out(floor);
}

void Floors::set_part(Floor& floor, double part) {
  assert(part >= 0 && part < 1);
  accrue(floor);
  step_out(floor);
  if (part == 0) floor.credit = 0;
  floor.part = part;
  if (floor.job.joined()) line_up(floor);
}

Member* Floors::due() {
  while (!waiting_.empty() && waiting_.begin()->first <= now_) {
    Floor& floor = *waiting_.begin()->second;
    accrue(floor);
    const double missing = static_cast<double>(floor.job.head().cost) - floor.credit;
    auto node = waiting_.extract(waiting_.begin());
    node.key() = now_ + missing / floor.part;
    floor.place = due_.insert(std::move(node));
    floor.order = &due_;
  }
  return due_.empty() ? nullptr : &due_.begin()->second->job;
}

void Floors::served(Floor& floor, int64_t tokens) {
  pass(tokens);
  charge(floor, tokens, 1);
}

void Floors::correct(Floor& floor, int64_t tokens) {
  pass(tokens);
  charge(floor, tokens, kCorrectionReach);
}

void Floors::pass(int64_t tokens) {
  now_ += static_cast<double>(tokens) * (parts_ > kFloorsMost ? kFloorsMost / parts_ : 1);
}

void Floors::charge(Floor& floor, int64_t tokens, double reach) {
  if (floor.part == 0) return;
  accrue(floor);
  const auto charged = static_cast<double>(tokens);
  floor.credit = moved(floor.credit, -charged, reach * std::abs(charged));
  if (floor.order == nullptr) return;
  step_out(floor);
  line_up(floor);
}

void Floors::accrue(Floor& floor) const {
  floor.credit += floor.part * (now_ - floor.at);
  floor.at = now_;
}

void Floors::line_up(Floor& floor) {
  if (floor.part == 0) return;
  floor.order = &waiting_;
  floor.place = waiting_.emplace(now_ - floor.credit / floor.part, &floor);
  parts_ += floor.part;
}

void Floors::step_out(Floor& floor) {
  if (floor.order == nullptr) return;
  floor.order->erase(floor.place);
  floor.order = nullptr;
  parts_ = waiting_.empty() && due_.empty() ? 0 : parts_ - floor.part;
}

}  // namespace harvest::schedule

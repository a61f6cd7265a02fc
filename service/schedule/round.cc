#include "service/schedule/round.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "service/schedule/bounded.h"

namespace harvest::schedule {
namespace {

/// The mean forgets: over about so many items.
constexpr int64_t kMeanOver = 1024;
/// So many quanta are owed at most: what is put right one round late, not what a floor took for days.
constexpr double kQuantaOwed = 16;
/// This part of a quantum settles debts at most.
constexpr double kSettles = 15.0 / 16;

}  // namespace

void Round::join(Member& member) {
  assert(!member.joined_);
  member.place_ = members_.insert(members_.end(), &member);
  member.joined_ = true;
  member.visited_ = number_;  // who leaves and comes back is visited once a round all the same
  weights_ += member.weight_;
}

void Round::leave(Member& member) {
  assert(member.joined_);
  if (member.place_ == members_.begin()) visiting_ = false;
  members_.erase(member.place_);
  member.joined_ = false;
  member.deficit_ = 0;
  member.owed_ = std::min(member.owed_, 0.0);
  weights_ = members_.empty() ? 0 : weights_ - member.weight_;
}

void Round::reweigh(Member& member, double weight) {
  assert(weight > 0);
  if (member.joined_) weights_ += weight - member.weight_;
  member.weight_ = weight;
}

Head Round::head() {
  assert(!members_.empty());  // who has nothing has left
  while (true) {
    Member& first = *members_.front();
    const Head head = first.head();
    if (!visiting_) {
      if (first.visited_ == number_) begin();
      visit(first, head.cost, 1);
      first.visited_ = number_;
      visiting_ = true;
    }
    if (first.deficit_ >= static_cast<double>(head.cost)) return head;
    visiting_ = false;
    members_.splice(members_.end(), members_, members_.begin());
  }
}

void Round::take(Member& member, int64_t cost) {
  assert(member.joined_ && member.deficit_ >= static_cast<double>(cost));  // head() said that it is its turn
  member.deficit_ -= static_cast<double>(cost);
  served_ = true;
  costs_seen_ = std::min(costs_seen_ + 1, kMeanOver);
  mean_cost_ += (static_cast<double>(cost) - mean_cost_) / static_cast<double>(costs_seen_);
}

void Round::owe(Member& member, double tokens) {
  member.owed_ = moved(member.owed_, -tokens, kQuantaOwed * quantum(member) + std::abs(tokens));
  if (!member.joined_) member.owed_ = std::min(member.owed_, 0.0);
}

void Round::begin() {
  if (costs_seen_ == 0) mean_cost_ = static_cast<double>(members_.front()->head().cost);
  // Sums of doubles drift: a single member's weight is all the weight there is, whatever came and went.
  const double weights = members_.size() == 1 ? members_.front()->weight_ : weights_;
  unit_ = mean_cost_ * static_cast<double>(members_.size()) / weights;
  if (!served_) skip_barren_rounds();
  served_ = false;
  ++number_;
}

void Round::skip_barren_rounds() {
  double visits = std::numeric_limits<double>::max();
  for (Member* member : members_) visits = std::min(visits, visits_missing(*member, member->head().cost));
  if (visits <= 1) return;
  for (Member* member : members_) visit(*member, member->head().cost, visits - 1);
}

double Round::visits_missing(const Member& member, int64_t cost) const {
  const double missing = static_cast<double>(cost) - member.deficit_;
  const double visits = (missing - member.owed_) / quantum(member);
  // Debts leave a part of each quantum, and with that it may be sooner.
  return std::ceil(member.owed_ < 0 ? std::min(visits, missing / quantum(member) / (1 - kSettles)) : visits);
}

void Round::visit(Member& member, int64_t cost, double visits) {
  const double quanta = visits * quantum(member);
  const double credit = std::max(quanta, visits * static_cast<double>(cost));
  const double settled = std::clamp(member.owed_, -kSettles * quanta, credit);
  member.owed_ -= settled;
  member.deficit_ += quanta + settled;
}

}  // namespace harvest::schedule

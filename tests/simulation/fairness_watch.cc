#include "tests/simulation/fairness_watch.h"

#include <algorithm>

namespace harvest::simulation {

std::vector<FairnessWatch::Name> FairnessWatch::path(uint32_t job) const {
  const schedule::Share& share = shares_.at(job);
  const uint32_t priority = share.priority + 1u;
  return {{share.tenant, 0, 0}, {share.tenant, priority, 0}, {share.tenant, priority, job + 1}};
}

void FairnessWatch::open(uint32_t job, const schedule::Share& share, int64_t largest) {
  largest_ = std::max(largest_, static_cast<double>(largest));
  shares_[job] = share;
  const std::vector<Name> names = path(job);
  const double weights[] = {share.tenant_weight, share.priority_weight, share.weight};
  for (size_t level = 0; level < names.size(); ++level) add(names[level], weights[level], share.floor > 0);
  if (share.floor > 0) floors_[job].part = share.floor;
}

void FairnessWatch::add(const Name& name, double weight, bool floor) {
  // Siblings differ in the last number that is not zero alone.
  const auto siblings = [&name](const Name& other) {
    const auto [tenant, priority, job] = name;
    const auto [its_tenant, its_priority, its_job] = other;
    if (job > 0) return its_job > 0 && tenant == its_tenant && priority == its_priority;
    return its_job == 0 && (priority > 0 ? its_priority > 0 && tenant == its_tenant : its_priority == 0);
  };
  if (!places_.contains(name))
    for (const auto& [other, place] : places_)
      if (siblings(other)) pairs_.push_back({.one = name, .other = other});
  Place& place = places_[name];
  place.weight = weight;
  place.floors |= floor;
}

void FairnessWatch::present(uint32_t job, bool is) {
  for (const Name& name : path(job)) {
    Place& place = places_.at(name);
    place.present += is ? 1 : -1;
    if (place.present > (is ? 1 : 0)) continue;
    // It comes or goes: what was before does not count.
    for (Pair& pair : pairs_)
      if (pair.one == name || pair.other == name) pair.ahead = pair.most = pair.least = 0;
  }
  if (const auto floor = floors_.find(job); floor != floors_.end()) floor->second.behind = floor->second.least = 0;
}

void FairnessWatch::count(uint32_t job, double tokens) {
  const std::vector<Name> names = path(job);
  for (Pair& pair : pairs_) {
    const Place& one = places_.at(pair.one);
    const Place& other = places_.at(pair.other);
    if (one.present == 0 || other.present == 0) continue;
    if (std::find(names.begin(), names.end(), pair.one) != names.end()) pair.ahead += tokens / one.weight;
    if (std::find(names.begin(), names.end(), pair.other) != names.end()) pair.ahead -= tokens / other.weight;
    pair.most = std::max(pair.most, pair.ahead);
    pair.least = std::min(pair.least, pair.ahead);
  }
  for (auto& [number, floor] : floors_) {
    if (places_.at(path(number).back()).present == 0) continue;
    floor.behind += tokens * (floor.part - (number == job ? 1 : 0));
    floor.least = std::min(floor.least, floor.behind);
  }
}

double FairnessWatch::reach(const Pair& pair) const {
  const double one = places_.at(pair.one).weight;
  const double other = places_.at(pair.other).weight;
  double lightest = std::min(one, other);
  for (const Pair& siblings : pairs_)
    if (siblings.one == pair.one || siblings.other == pair.one)
      lightest = std::min({lightest, places_.at(siblings.one).weight, places_.at(siblings.other).weight});
  return slack_ * largest_ * (1 / lightest + 1 / one + 1 / other);
}

std::string FairnessWatch::served(uint32_t job, int64_t tokens) {
  count(job, static_cast<double>(tokens));
  for (const Pair& pair : pairs_) {
    if (places_.at(pair.one).floors || places_.at(pair.other).floors) continue;
    if (pair.most - pair.least > reach(pair))
      return "two that share by weights of " + std::to_string(places_.at(pair.one).weight) + " and " +
             std::to_string(places_.at(pair.other).weight) + " were served " + std::to_string(pair.most - pair.least) +
             " tokens per weight apart, more than " + std::to_string(reach(pair));
  }
  for (const auto& [number, floor] : floors_)
    if (floor.behind - floor.least > slack_ * 2 * largest_)
      return "job " + std::to_string(number) + " fell " + std::to_string(floor.behind - floor.least) +
             " tokens behind its floor, more than " + std::to_string(slack_ * 2 * largest_);
  return "";
}

void FairnessWatch::correct(uint32_t job, int64_t tokens) {
  count(job, static_cast<double>(tokens));
}

}  // namespace harvest::simulation

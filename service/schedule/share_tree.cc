#include "service/schedule/share_tree.h"

#include <cassert>

namespace harvest::schedule {

void ShareTree::open(Seat& seat, const Share& share) {
  const auto [entry, fresh] = jobs_.try_emplace(seat.key.job);
  Job& job = entry->second;
  seat.job = &job;
  ++job.places;
  if (fresh) {
    job.share = share;
    job.above = &place(share);
    ++job.above->places;
  }
  set_share(seat, share);
}

void ShareTree::close(Seat& seat) {
  assert(!seat.joined());
  Job& job = *seat.job;
  if (--job.places > 0) return;
  vacate(job.share);
  jobs_.erase(seat.key.job);
}

void ShareTree::set_share(Seat& seat, const Share& share) {
  Job& job = *seat.job;
  Group& above = place(share);
  if (job.above != &above) {
    const bool joined = job.joined();
    if (joined) exit(job);
    ++above.places;
    vacate(job.share);
    job.above = &above;
    if (joined) enter(job);
    // What is chosen stays, but the new rounds have not paid for it.
    if (choice_.head.seat != nullptr && choice_.head.seat->job == &job) choice_.in_turn = false;
  }
  job.share = share;
  above.members.reweigh(job, share.weight);
  floors_.set_part(job.floor, share.floor);
}

/// The priority's, made if need be.
Group& ShareTree::place(const Share& share) {
  const auto [tenant, new_tenant] = tenants_.try_emplace(share.tenant);
  if (new_tenant) tenant->second.above = &root_;
  root_.members.reweigh(tenant->second, share.tenant_weight);
  const auto [priority, new_priority] = tenant->second.priorities.try_emplace(share.priority);
  if (new_priority) {
    priority->second.above = &tenant->second;
    ++tenant->second.places;
  }
  tenant->second.members.reweigh(priority->second, share.priority_weight);
  return priority->second;
}

/// One job less stands there.
void ShareTree::vacate(const Share& share) {
  Tenant& tenant = tenants_.at(share.tenant);
  if (--tenant.priorities.at(share.priority).places > 0) return;
  tenant.priorities.erase(share.priority);
  if (--tenant.places == 0) tenants_.erase(share.tenant);
}

void ShareTree::join(Seat& seat) {
  if (seat.joined()) return;
  seat.job->members.join(seat);
  if (!seat.job->joined()) enter(*seat.job);
}

void ShareTree::leave(Seat& seat) {
  if (!seat.joined()) return;
  forget(seat);
  seat.job->members.leave(seat);
  if (seat.job->members.empty()) exit(*seat.job);
}

void ShareTree::enter(Job& job) {
  floors_.join(job.floor);
  for (Group* place = &job; place != &root_ && !place->joined(); place = place->above) {
    place->above->members.join(*place);
  }
}

void ShareTree::exit(Job& job) {
  floors_.leave(job.floor);
  Group* place = &job;
  do {
    place->above->members.leave(*place);
    place = place->above;
  } while (place != &root_ && place->members.empty());
}

void ShareTree::forget(Seat& seat) {
  if (choice_.head.seat == &seat) choice_ = {};
}

Seat* ShareTree::front() {
  if (choice_.head.seat == nullptr) choice_ = choose();
  return choice_.head.seat;
}

ShareTree::Choice ShareTree::choose() {
  if (root_.members.empty()) return {};
  if (Member* job = floors_.due()) return {.head = job->head(), .in_turn = false};
  return {.head = root_.head(), .in_turn = true};
}

void ShareTree::take() {
  const auto [head, in_turn] = choice_;
  assert(head.seat != nullptr);
  Job& job = *head.seat->job;
  job.members.take(*head.seat, head.cost);
  for (Group* place = &job; place != &root_; place = place->above) {
    if (in_turn) {
      place->above->members.take(*place, head.cost);
    } else {
      place->above->members.owe(*place, static_cast<double>(head.cost));
    }
  }
  floors_.served(job.floor, head.cost);
  choice_ = {};
}

void ShareTree::correct(Seat& seat, int64_t tokens) {
  seat.job->members.owe(seat, static_cast<double>(tokens));
  for (Group* place = seat.job; place != &root_; place = place->above) {
    place->above->members.owe(*place, static_cast<double>(tokens));
  }
  floors_.correct(seat.job->floor, tokens);
}

}  // namespace harvest::schedule

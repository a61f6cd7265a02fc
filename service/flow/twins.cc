#include "service/flow/twins.h"

#include <cassert>

namespace harvest::flow {

Twins::Ticket Twins::wait(const store::Identity& identity) {
  ++entries_[identity].holders;
  return Ticket(this, identity, reads_delivered_ + 1);
}

bool Twins::busy(const Ticket& query) const {
  auto found = entries_.find(query.identity_);
  return found != entries_.end() && (found->second.in_flight || query.read_ <= found->second.unseen_by);
}

void Twins::start(const store::Identity& identity) {
  Entry& entry = entries_[identity];
  assert(!entry.in_flight);  // Invariant: a busy identity is parked, never asked twice at once.
  entry.in_flight = true;
}

void Twins::finish(const store::Identity& identity, bool answered) {
  auto found = entries_.find(identity);
  assert(found != entries_.end() && found->second.in_flight);
  Entry& entry = found->second;
  entry.in_flight = false;
  if (answered) {
    entry.unseen_by = reads_begun_;
    if (reads_begun_ > reads_delivered_) {
      ++entry.holders;
      lingering_.emplace_back(reads_begun_, identity);
    }
  }
  if (entry.holders == 0) entries_.erase(found);
}

void Twins::read_delivered() {
  assert(reads_delivered_ < reads_begun_);
  ++reads_delivered_;
  while (!lingering_.empty() && lingering_.front().first <= reads_delivered_) {
    leave(lingering_.front().second);
    lingering_.pop_front();
  }
}

void Twins::leave(const store::Identity& identity) {
  auto found = entries_.find(identity);
  assert(found != entries_.end() && found->second.holders > 0);
  if (--found->second.holders == 0 && !found->second.in_flight) entries_.erase(found);
}

}  // namespace harvest::flow

#pragma once

#include <cstdint>
#include <unordered_map>

#include "service/schedule/places.h"
#include "service/schedule/share.h"

namespace harvest::schedule {

/// What one teacher serves, divided: tenant, priority, job, stream. Whose head goes next to this teacher?
///
/// Each place with something below it is a Round; the root's front is a tenant, that one's a priority, and so on down
/// to a stream. A place without anything to send stands in no round, so nobody's part is stranded and nobody is looked
/// at in vain. A job that is due by its floor goes before all turns; that is owed to the rounds above it like an
/// advance.
///
/// What is once chosen stays chosen until it is taken, whatever joins, is corrected or given another share meanwhile.
class ShareTree {
 public:
  ShareTree() = default;
  ShareTree(const ShareTree&) = delete;
  ShareTree& operator=(const ShareTree&) = delete;

  void open(Seat& seat, const Share& share);
  /// The seat must have left.
  void close(Seat& seat);
  /// For the job of the seat: it may move to another tenant or priority.
  void set_share(Seat& seat, const Share& share);

  /// The stream has something for this teacher now, or nothing any more.
  void join(Seat& seat);
  void leave(Seat& seat);
  /// Another teacher took the head of the stream.
  void forget(Seat& seat);

  /// Whose head goes next, or null.
  Seat* front();
  /// Charges the head of front(), which must exist.
  void take();
  void correct(Seat& seat, int64_t tokens);

 private:
  struct Choice {
    Head head;
    bool in_turn = false;  ///< by the rounds, and paid for in each of them
  };

  Choice choose();
  Group& place(const Share& share);
  void vacate(const Share& share);
  void enter(Job& job);
  void exit(Job& job);

  Group root_;
  std::unordered_map<uint32_t, Tenant> tenants_;
  std::unordered_map<uint64_t, Job> jobs_;
  Floors floors_;
  Choice choice_;
};

}  // namespace harvest::schedule

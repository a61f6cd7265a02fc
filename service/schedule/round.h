#pragma once

#include <cstddef>
#include <cstdint>
#include <list>

namespace harvest::schedule {

class Seat;

/// What goes next: the head of a stream, and its cost in tokens.
struct Head {
  Seat* seat = nullptr;
  int64_t cost = 0;
};

/// Who takes turns in a Round: a stream, or a group of members that has a Round of its own.
class Member {
 public:
  Member() = default;
  virtual ~Member() = default;
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  /// What it sends next; asked only while it has something, and the same until that is taken.
  virtual Head head() = 0;
  /// It has something, and stands in its Round.
  bool joined() const { return joined_; }

 private:
  friend class Round;
  double weight_ = 1;
  double deficit_ = 0;    ///< tokens it may still send, never negative
  double owed_ = 0;       ///< to it for what is already settled elsewhere, negative when it owes
  uint64_t visited_ = 0;  ///< number of the round that saw it last
  bool joined_ = false;
  std::list<Member*>::iterator place_;
};

/// One level of the shares: deficit round robin (Shreedhar and Varghese 1995) over the members that have something.
///
/// Every round visits each member once. The member in front gets its quantum and is served while its deficit pays for
/// its head; then it moves to the back.
///
///     quantum = weight / mean weight * mean cost
///
/// The means are those of this round's members and of what they were served of late: a round serves about as many items
/// as it has members, so that a take costs O(1) amortised with any weights and sizes. They are fixed while a round
/// lasts, so that nobody's quantum depends on who is idle at the moment of his visit. When a whole round pays for no
/// head, the missing rounds are added in one step.
///
/// A member is served within one largest item of its quanta at the end of each round, one quantum more within it.
///
/// What went out of turn, or was estimated wrongly, is owed and settled at the next visits:
///   - credit at most one more quantum (or head) at a time, so that no visit exceeds two quanta and one item;
///   - debts at most 15/16 of each quantum, so that nobody who owes waits for ever;
///   - both bounded to 16 quanta and an item, so that nothing is held against anyone for long.
/// Deficits and credit are carried only while the member has something; debts are carried always.
class Round {
 public:
  bool empty() const { return members_.empty(); }
  /// A member that has something now goes to the back: it is visited from the next round on.
  void join(Member& member);
  void leave(Member& member);
  /// Whether it has joined or not.
  void reweigh(Member& member, double weight);

  /// What goes next here; the round must not be empty.
  Head head();
  /// The member whose head() that was has been served in its turn.
  void take(Member& member, int64_t cost);
  /// The member has been served so many tokens more than it was charged for; negative: less.
  void owe(Member& member, double tokens);

 private:
  double quantum(const Member& member) const { return member.weight_ * unit_; }
  double visits_missing(const Member& member, int64_t cost) const;
  void begin();
  void skip_barren_rounds();
  void visit(Member& member, int64_t cost, double visits);

  std::list<Member*> members_;
  double weights_ = 0;     ///< sum over members
  uint64_t number_ = 0;    ///< of the present round
  bool visiting_ = false;  ///< the member in front has had its quantum of this round
  bool served_ = false;    ///< somebody was, in this round
  double unit_ = 0;        ///< quantum of weight 1 in this round
  double mean_cost_ = 0;
  int64_t costs_seen_ = 0;
};

}  // namespace harvest::schedule

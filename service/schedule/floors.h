#pragma once

#include <cstdint>
#include <map>

#include "service/schedule/round.h"

namespace harvest::schedule {

/// What a job is guaranteed at one teacher.
struct Floor {
  explicit Floor(Member& job) : job(job) {}

  Member& job;
  double part = 0;    ///< of what the teacher serves; 0: nothing is guaranteed
  double credit = 0;  ///< tokens it is behind its floor, as of `at`; negative: ahead
  double at = 0;

  using Order = std::multimap<double, Floor*>;
  Order* order = nullptr;  ///< where it stands, null while the job has nothing or no floor
  Order::iterator place;
};

/// The floors at one teacher: which job goes before its turn, so as not to fall behind its part?
///
/// Credit grows by part × tokens with all that the teacher serves, and shrinks by what the job is served itself, in its
/// turn or before it. A floor whose credit is not negative is due, since a perfectly divided teacher would be serving
/// its head by now; of those due, the one whose head would be done first goes first (worst-case fair queueing, Bennett
/// and Zhang 1996). While the parts of the jobs with a backlog add up to 0.99 at most no credit ever exceeds one
/// largest item; more than that is scaled down, so that some turns are left to everybody else.
///
/// Credit is kept in bounds both ways:
///   - An item leaves it at most its own cost below zero: however rich the times were, the floor holds again as soon as
///     the teacher has served cost / part. Less depth would lend the next item out before this one is paid for.
///   - Estimates put right move it by at most 64 times their own size beyond zero: answers come in bursts, but what was
///     forgiven when the items went must not come back as a claim for a long run.
///   - Who has had nothing to send returns with no claim, and with no more debt than the meantime has left.
///
/// Time is counted in tokens served. Choosing costs O(log n) in the floors with a backlog, and nothing where none is.
class Floors {
 public:
  /// The job has something for this teacher now, or nothing any more.
  void join(Floor& floor);
  void leave(Floor& floor);
  /// In [0, 1).
  void set_part(Floor& floor, double part);

  /// The job whose head goes before everybody's turn, or null.
  Member* due();
  /// The teacher has served this job so many tokens, which it may have no floor for.
  void served(Floor& floor, int64_t tokens);
  /// It has been so many more, or less.
  void correct(Floor& floor, int64_t tokens);

 private:
  void pass(int64_t tokens);
  void accrue(Floor& floor) const;
  void charge(Floor& floor, int64_t tokens, double reach);
  void line_up(Floor& floor);
  void step_out(Floor& floor);

  double now_ = 0;        ///< tokens served, fewer while the floors add up to too much
  double parts_ = 0;      ///< sum over jobs that have something
  Floor::Order waiting_;  ///< by the time when they are due
  Floor::Order due_;      ///< by the time when their head would be done
};

}  // namespace harvest::schedule

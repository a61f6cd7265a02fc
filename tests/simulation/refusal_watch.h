#pragma once

#include <optional>
#include <string>

#include "tests/simulation/setting.h"

namespace harvest::simulation {

/// What may be demanded of a client about one teacher's limits.
///
///   - A limit that was stated truly is never exceeded where it counts, at the teacher's door. Nothing is demanded of
///     calls that met a window which others had filled: a neighbour on the same key, or what was allowed before the
///     vendor changed its limits, weighs on windows for 2 W + D (a sliding counter looks two windows back), and of a
///     limit that was lowered without a word nobody can know.
///   - Whoever was refused waits: nothing is sent before the Retry-After has passed that was heard (at most ten minutes
///     of it), nor within a second after a first refusal that names no time. A crash forgets what is
///     left of it, where that is hardly anything (found_limits.cc).
///   - Whoever was refused slows down, also where nothing was stated. A refusal of a call that was sent after the last
///     new one was heard is a new one; there are at most two dozen of
///     them, for finding the rate, and one in five seconds after that. In storms, where there is no limit behind a
///     refusal, only waiting is demanded.
class RefusalWatch {
 public:
  RefusalWatch(const TeacherSetting& teacher, const Setting& setting);

  /// Each a complaint, or nothing.
  std::string sent(Time now) const;
  std::string refused(teachersim::limits::Dimension by, Time sent_at, Time now);
  std::string heard(const dialect::Outcome& throttled, Time sent_at, Time now);
  void restarted(Time now);

  int64_t refusals() const { return refusals_; }

 private:
  bool stated(teachersim::limits::Dimension by) const;
  /// The window that a call met may have been filled by others.
  bool disturbed(Time sent_at, Time arrived) const;

  const TeacherSetting& teacher_;
  const Time spread_;
  const Time window_;
  const Time start_;
  std::optional<Time> heard_at_;
  Time hold_until_{0};
  int64_t refusals_ = 0;
  int64_t new_refusals_ = 0;
};

}  // namespace harvest::simulation

#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "service/flow/teacher_desk.h"

namespace harvest::flow {

/// Reads the queue gauges of servers of one's own, once a second while something is in flight there, and tells their
/// limiters. A server that has no gauges is asked again after ten minutes. Owned by the harvester; decision lane only.
class GaugeWatch {
 public:
  /// Not asked more often than it is due: to be called at every tick.
  void look(TeacherDesk& teacher, limit::Instant now);

 private:
  /// One teacher's reading, of all its endpoints; shared with the calls that are out.
  struct Reading {
    limit::Instant due = limit::Instant::min();
    size_t out = 0;  ///< calls
    bool whole = true;
    int64_t waiting = 0, running = 0;
  };
  std::map<const TeacherDesk*, std::shared_ptr<Reading>> readings_;
};

}  // namespace harvest::flow

#pragma once

#include <cstdint>

namespace harvest::schedule {

/// A job's part of what each of its teachers serves: weights at three levels, and a floor.
///
/// All streams of one job at one teacher share the job's place there; among themselves they are equals. What was said
/// last holds: of a job for all its streams at the teacher, of a tenant's or priority's weight for all its jobs there.
struct Share {
  uint32_t tenant = 0;         ///< a number of the caller's choosing
  double tenant_weight = 1;    ///< > 0, relative to the other tenants
  uint8_t priority = 0;        ///< a number of the caller's choosing: a class of jobs within the tenant
  double priority_weight = 1;  ///< > 0, relative to the other priorities of the tenant
  double weight = 1;           ///< > 0, relative to the other jobs of the priority
  /// In [0, 1): the part of what the teacher serves, in tokens, that the job gets as long as it has a backlog there. A
  /// minimum, not in addition to its share. Floors beyond 0.99 together are scaled down to that.
  double floor = 0;
};

}  // namespace harvest::schedule

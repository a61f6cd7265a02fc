#pragma once

#include <cstdint>

#include "harvest/v1/job.pb.h"

namespace harvest::flow {

/// What decides whether a job's queries go to a teacher by batch.
struct RouteQuestion {
  v1::Route route = v1::ONLINE;
  bool takes_batches = false;  ///< the teacher has such an interface
  bool cheaper = false;        ///< a batch costs less than the same calls online
  int64_t created_at_us = 0;   ///< of the job
  int64_t deadline_us = INT64_MAX;
};

/// When what a batch has not answered is asked online, UTC microseconds; 0: never. Of an AUTO job's time from
/// submission to deadline the last quarter is kept for that: no vendor promises an end before a day is over, and few
/// take hours.
int64_t online_at_us(const RouteQuestion& question);

/// Do queries of this job that are to be asked now go by batch? Asked anew while the job runs. Pure.
bool goes_by_batch(const RouteQuestion& question, int64_t utc_us);

}  // namespace harvest::flow

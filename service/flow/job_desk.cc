#include "service/flow/job_desk.h"

namespace harvest::flow {

namespace {
// A queue's key is its stream's, with the teacher's place in the job for FALLBACK. A job has far fewer teachers than
// this.
constexpr uint32_t kTeachersMax = 1 << 12;
// Where every teacher has a stream: the place of its batches. Intake lets no other job go by batch.
constexpr uint32_t kBatchPosition = 1;
}  // namespace

schedule::StreamKey JobDesk::queue_key(uint32_t stream, uint32_t teacher, bool by_batch) const {
  uint32_t position = by_batch ? kBatchPosition : 0;
  if (spec->job.ask() == v1::FALLBACK)
    while (position < spec->teachers.size() && spec->teachers[position].index != teacher) ++position;
  return {spec->number, stream * kTeachersMax + position};
}

std::vector<schedule::StreamKey> JobDesk::queue_keys(uint32_t stream) const {
  std::vector<schedule::StreamKey> keys;
  if (spec->job.ask() != v1::FALLBACK) {
    keys.push_back({spec->number, stream * kTeachersMax});
    if (spec->job.route() != v1::ONLINE) keys.push_back({spec->number, stream * kTeachersMax + kBatchPosition});
  } else {
    for (uint32_t i = 0; i < spec->teachers.size(); ++i) keys.push_back({spec->number, stream * kTeachersMax + i});
  }
  return keys;
}

std::vector<uint32_t> JobDesk::queue_teachers(schedule::StreamKey key) const {
  std::vector<uint32_t> teachers = queue_servers(key);
  for (uint32_t& teacher : teachers) teacher %= kBatchServer;
  return teachers;
}

std::vector<uint32_t> JobDesk::queue_servers(schedule::StreamKey key) const {
  switch (spec->job.ask()) {
    case v1::EACH:
      return {spec->teachers[key.stream / kTeachersMax].index +
              (key.stream % kTeachersMax == kBatchPosition ? kBatchServer : 0)};
    case v1::FALLBACK:
      return {spec->teachers[key.stream % kTeachersMax].index};
    default: {
      std::vector<uint32_t> all;
      for (const JobSpec::AskedTeacher& teacher : spec->teachers) all.push_back(teacher.index);
      return all;
    }
  }
}

double weight_of(v1::Priority priority) {
  switch (priority) {
    case v1::LOW:
      return 0.25;
    case v1::HIGH:
      return 4;
    default:
      return 1;
  }
}

}  // namespace harvest::flow

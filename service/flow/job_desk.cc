#include "service/flow/job_desk.h"

#include <algorithm>

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
  switch (spec->job.ask()) {
    case v1::EACH:
      return {spec->teachers[key.stream / kTeachersMax].index};
    case v1::FALLBACK:
      return {spec->teachers[key.stream % kTeachersMax].index};
    default: {
      std::vector<uint32_t> all;
      for (const JobSpec::AskedTeacher& teacher : spec->teachers) all.push_back(teacher.index);
      return all;
    }
  }
}

std::vector<uint32_t> JobDesk::queue_servers(schedule::StreamKey key) const {
  switch (spec->job.ask()) {
    case v1::EACH: {
      const JobSpec::AskedTeacher& asked = spec->teachers[key.stream / kTeachersMax];
      return {is_of_batches(key) ? kBatchServer + asked.index : asked.account};
    }
    case v1::FALLBACK:
      return {spec->teachers[key.stream % kTeachersMax].account};
    default: {
      std::vector<uint32_t> all;
      for (const JobSpec::AskedTeacher& teacher : spec->teachers)
        if (std::find(all.begin(), all.end(), teacher.account) == all.end()) all.push_back(teacher.account);
      return all;
    }
  }
}

bool JobDesk::is_of_batches(schedule::StreamKey key) const {
  return spec->job.ask() != v1::FALLBACK && key.stream % kTeachersMax == kBatchPosition;
}

schedule::Share JobDesk::share_at(uint32_t server) const {
  const v1::Job& job = spec->job;
  schedule::Share share{.priority = static_cast<uint8_t>(job.priority()), .priority_weight = weight_of(job.priority())};
  if (tenant != nullptr) share.tenant = tenant->number;
  if (tenant != nullptr) share.tenant_weight = tenant->weight;
  if (job.weight() > 0) share.weight = job.weight();
  // Of batches there are no floors: nothing bounds how many are handed in.
  for (const JobSpec::AskedTeacher& asked : spec->teachers)
    if (asked.account == server)
      for (const v1::TeacherShare& stated : job.shares())
        if (stated.teacher() == asked.config.name()) share.floor = std::max(share.floor, stated.floor());
  return share;
}

limit::Ceiling* JobDesk::ceiling(uint32_t teacher) {
  const auto found = ceilings.find(teacher);
  return found == ceilings.end() ? nullptr : &found->second;
}

bool JobDesk::take_of_ceiling(uint32_t teacher, const limit::Permit& permit) {
  limit::Ceiling* own = ceiling(teacher);
  if (own == nullptr) return false;
  own->take(permit.reserved, permit.taken_at);
  return true;
}

void JobDesk::set_ceilings() {
  for (const JobSpec::AskedTeacher& asked : spec->teachers) {
    std::optional<v1::Limits> limits;
    for (const v1::TeacherShare& stated : spec->job.shares())
      if (stated.teacher() == asked.config.name() && stated.has_ceiling()) limits = stated.ceiling();
    // One that is there stays: attempts in flight are counted with it.
    if (limit::Ceiling* known = ceiling(asked.index))
      known->set_limits(limits.value_or(v1::Limits()));
    else if (limits)
      ceilings.emplace(asked.index, *limits);
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

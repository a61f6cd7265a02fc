#include "tests/simulation/model_store.h"

#include "service/limit/utc_day.h"

namespace harvest::simulation {

Account Days::month(uint32_t day, bool before) const {
  const uint32_t end = before ? day : limit::month_after(day);
  Account sum;
  for (auto at = days.lower_bound(limit::month_of(day)); at != days.end() && at->first < end; ++at) {
    sum.spent += at->second.spent;
    sum.at_risk += at->second.at_risk;
    sum.reserved += at->second.reserved;
  }
  return sum;
}

ModelStore::ModelStore(const Setting& setting) : found(setting.teachers.size()), parked_until(setting.teachers.size()) {
  for (const TeacherSetting& teacher : setting.teachers) teachers.push_back({.caps = teacher.caps});
  for (const limit::Purse::Caps& caps : setting.tenants) tenants.push_back({.caps = caps});
  for (const JobSetting& job : setting.jobs) {
    const auto number = static_cast<uint32_t>(jobs.size());
    jobs.push_back({.cap = job.cap});
    for (const Question& question : job.questions)
      queries.push_back({.job = number, .question = question, .due = setting.start});
  }
}

uint64_t ModelStore::open(const Intent& intent) {
  for (Account* account : accounts(intent)) account->reserved += intent.demand.cost_picodollars;
  ++teachers[intent.teacher].requests[intent.day];
  check(intent);
  intents.emplace(next_intent_, intent);
  return next_intent_++;
}

void ModelStore::close(uint64_t number, int64_t spent, bool at_risk) {
  const Intent& intent = intents.at(number);
  for (Account* account : accounts(intent)) {
    account->reserved -= intent.demand.cost_picodollars;
    account->spent += spent;
    if (at_risk) account->at_risk += intent.demand.cost_picodollars;
  }
  check(intent);
  intents.erase(number);
}

void ModelStore::bill(uint32_t job, int64_t amount) {
  jobs[job].billed += amount;
  hold_against(jobs[job].cap, jobs[job].billed, "bill of job", job);
}

std::array<Account*, 3> ModelStore::accounts(const Intent& intent) {
  return {&jobs[queries[intent.query].job].account, &teachers[intent.teacher].days[intent.day],
          &tenants[intent.tenant].days[intent.day]};
}

void ModelStore::check(const Intent& intent) {
  const uint32_t job = queries[intent.query].job;
  const Days& teacher = teachers[intent.teacher];
  const Days& tenant = tenants[intent.tenant];
  hold_against(jobs[job].cap, jobs[job].account.booked(), "bookings of job", job);
  hold_against(teacher.caps.day, teacher.days.at(intent.day).booked(), "day of teacher", intent.teacher);
  hold_against(tenant.caps.day, tenant.days.at(intent.day).booked(), "day of tenant", intent.tenant);
  if (teacher.caps.month)
    hold_against(teacher.caps.month, teacher.month(intent.day).booked(), "month of teacher", intent.teacher);
  if (tenant.caps.month)
    hold_against(tenant.caps.month, tenant.month(intent.day).booked(), "month of tenant", intent.tenant);
}

void ModelStore::hold_against(std::optional<int64_t> cap, int64_t amount, const char* whose, uint32_t number) {
  if (!cap || amount <= *cap || !broken_.empty()) return;
  broken_ = std::string(whose) + " " + std::to_string(number) + ": " + std::to_string(amount) +
            " picodollars, beyond the cap of " + std::to_string(*cap);
}

}  // namespace harvest::simulation

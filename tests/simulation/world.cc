#include "tests/simulation/world.h"

#include <algorithm>
#include <utility>

namespace harvest::simulation {
namespace {

using namespace std::chrono_literals;
/// After a crash an attempt is held for as long as the vendor may still be at it.
constexpr Time kAttemptMax = 40s;
constexpr uint32_t kCrashesMax = 3;
constexpr uint32_t kDay = 86'400;

bool states_rates(const v1::Limits& told) {
  const bool apart = told.has_input_tokens_per_minute() && told.has_output_tokens_per_minute();
  return told.has_requests_per_minute() && (told.has_tokens_per_minute() || apart);
}

int64_t tokens(const Question& question) {
  return question.input_tokens + question.output_cap;
}

}  // namespace

World::World(uint64_t seed)
    : seed_(seed), random_(seed), aside_(~seed), setting_(draw_setting(random_, aside_)), store_(setting_) {
  events_.at(setting_.start, [] {});
  events_.step(setting_.start);
  for (uint32_t i = 0; i < setting_.teachers.size(); ++i) {
    const TeacherSetting& teacher = setting_.teachers[i];
    teachers_.push_back(std::make_unique<ModelTeacher>(teacher.manners, random_, events_));
    refusals_.emplace_back(teacher, setting_);
    told_.push_back(teacher.told);
    if (teacher.told_then) events_.at(*teacher.manners.changes_at, [this, i] { change_limits(i); });
  }
  for (const Time when : setting_.crashes) events_.at(when, [this] { crash(); });
  start();
}

std::string World::run() {
  const Time end = deadline();
  while (broken_.empty() && resting_ < store_.queries.size() && events_.step(end)) {
    if (!store_.broken().empty()) fail(store_.broken());
  }
  if (resting_ < store_.queries.size())
    fail(std::to_string(store_.queries.size() - resting_) + " queries of " + std::to_string(store_.queries.size()) +
         " had not come to rest in time");
  return broken_;
}

void World::fail(const std::string& what) {
  if (broken_.empty())
    broken_ = "seed " + std::to_string(seed_) + ", " + std::to_string((now() - setting_.start) / 1ms) +
              " ms after the start: " + what;
}

void World::start() {
  memory_ = std::make_unique<Memory>();
  for (const TeacherSetting& teacher : setting_.teachers)
    memory_->desks.emplace_back(teacher, setting_.estimates_put_right);
  for (uint32_t i = 0; i < told_.size(); ++i) memory_->desks[i].limiter.set_limits(told_[i]);
  for (const limit::Purse::Caps& caps : setting_.tenants) memory_->tenants.push_back({.purse = limit::Purse(caps)});
  for (uint32_t job = 0; job < store_.jobs.size(); ++job) {
    memory_->jobs.push_back({.budget = limit::Budget(store_.jobs[job].cap)});
    memory_->jobs[job].budget.restore(store_.jobs[job].account.spent, store_.jobs[job].account.at_risk);
    memory_->queue.open(key(job), share(job), setting_.jobs[job].teachers);
    int64_t largest = 0;
    for (const Question& question : setting_.jobs[job].questions) largest = std::max(largest, tokens(question));
    for (const uint32_t teacher : setting_.jobs[job].teachers)
      memory_->desks[teacher].fairness.open(job, share(job), largest);
  }
  if (epoch_ > 0) restore();
  for (uint32_t query = 0; query < store_.queries.size(); ++query) enqueue(query);
  pump();
}

void World::crash() {
  ++epoch_;
  // Before anything is asked: what was open may have been billed.
  while (!store_.intents.empty()) {
    const auto [number, intent] = *store_.intents.begin();
    still_open_.push_back({intent, now() + kAttemptMax});
    store_.close(number, 0, true);
    if (++store_.queries[intent.query].crashes >= kCrashesMax) end(intent.query);
  }
  memory_.reset();
  for (RefusalWatch& watch : refusals_) watch.restarted(now());
  events_.after(random_.upto(3s), [this, epoch = epoch_] {
    if (epoch == epoch_) start();
  });
}

void World::restore() {
  const auto today = static_cast<uint32_t>(utc_us() / 1'000'000 / kDay);
  const auto booked = [today](const Days& owner) {
    const auto day = owner.days.find(today);
    const Account before = owner.month(today, true);
    return std::pair(
        day == owner.days.end() ? limit::Purse::Booked{} : limit::Purse::Booked{day->second.spent, day->second.at_risk},
        limit::Purse::Booked{before.spent, before.at_risk});
  };
  for (uint32_t i = 0; i < memory_->desks.size(); ++i) {
    Desk& desk = memory_->desks[i];
    desk.limiter.restore_found(store_.found[i], store_.parked_until[i], now());
    desk.limiter.restore_day(utc_us(), store_.teachers[i].requests[today]);
    desk.limiter.restart(now());
    const auto [day, before] = booked(store_.teachers[i]);
    desk.purse.restore(today, day, before);
  }
  for (uint32_t i = 0; i < memory_->tenants.size(); ++i) {
    const auto [day, before] = booked(store_.tenants[i]);
    memory_->tenants[i].purse.restore(today, day, before);
  }
  std::erase_if(still_open_, [this](const OpenIntent& open) { return open.until <= now(); });
  for (const auto& [intent, until] : still_open_) {
    const limit::Permit permit = memory_->desks[intent.teacher].limiter.restore(intent.demand, intent.day, now());
    events_.at(until, [this, permit, teacher = intent.teacher, epoch = epoch_] {
      if (epoch != epoch_) return;
      memory_->desks[teacher].limiter.settle(permit, {.at_risk = true}, now());
      pump();
    });
  }
}

void World::change_limits(uint32_t teacher) {
  told_[teacher] = *setting_.teachers[teacher].told_then;
  if (!memory_) return;
  memory_->desks[teacher].limiter.set_limits(told_[teacher]);
  pump();
}

void World::enqueue(uint32_t query) {
  const StoredQuery& stored = store_.queries[query];
  if (stored.endings > 0) return;
  if (stored.due > now()) {
    events_.at(stored.due, [this, query, epoch = epoch_] {
      if (epoch != epoch_) return;
      enqueue(query);
      pump();
    });
    return;
  }
  memory_->queue.push(key(stored.job), tokens(stored.question), query);
  note(stored.job);
}

void World::wake_at(uint32_t teacher, Time when) {
  if (when >= memory_->desks[teacher].wake) return;
  memory_->desks[teacher].wake = when;
  events_.at(when, [this, teacher, when, epoch = epoch_] {
    if (epoch != epoch_ || memory_->desks[teacher].wake != when) return;
    memory_->desks[teacher].wake = Time::max();
    pump(teacher);
  });
}

void World::pump() {
  for (uint32_t teacher = 0; teacher < memory_->desks.size(); ++teacher) pump(teacher);
}

void World::pump(uint32_t teacher) {
  while (const uint32_t* front = memory_->queue.front(teacher)) {
    const uint32_t query = *front;
    const limit::Demand wanted = demand(query, teacher);
    const limit::Verdict verdict =
        limit::later(memory_->desks[teacher].limiter.ask(wanted, now(), utc_us()),
                     wallet(store_.queries[query].job, teacher).ask(wanted.cost_picodollars, now(), utc_us()));
    if (verdict.granted) {
      send(query, teacher, wanted);
    } else if (!held_up(teacher, query, verdict)) {
      if (verdict.ready_at != limit::Instant::max()) wake_at(teacher, verdict.ready_at);
      return;
    }
  }
}

bool World::held_up(uint32_t teacher, uint32_t query, const limit::Verdict& verdict) {
  const uint32_t job = store_.queries[query].job;
  const uint32_t tenant = share(job).tenant;
  const bool for_ever = verdict.ready_at == limit::Instant::max();
  const auto give_up = [&] {
    take(query, teacher);
    end(query);
    return true;
  };
  switch (verdict.binding) {
    case limit::Dimension::kJobBudget:
      if (memory_->jobs[job].in_flight == 0) return give_up();
      memory_->jobs[job].starved = true;
      note(job);
      return true;
    case limit::Dimension::kTenantBudget:
      if (for_ever) return give_up();  // no day can pay for it
      memory_->tenants[tenant].closed = true;
      for (uint32_t other = 0; other < store_.jobs.size(); ++other) note(other);
      events_.at(verdict.ready_at, [this, tenant, epoch = epoch_] {
        if (epoch != epoch_) return;
        open_tenant(tenant);
        pump();
      });
      return true;
    case limit::Dimension::kTeacherBudget:
      return for_ever && give_up();
    default:
      return false;
  }
}

void World::open_tenant(uint32_t tenant) {
  if (!std::exchange(memory_->tenants[tenant].closed, false)) return;
  for (uint32_t job = 0; job < store_.jobs.size(); ++job) note(job);
}

void World::note(uint32_t job) {
  JobDesk& desk = memory_->jobs[job];
  const bool blocked = desk.starved || memory_->tenants[share(job).tenant].closed;
  blocked ? memory_->queue.block(key(job)) : memory_->queue.unblock(key(job));
  const bool present = !blocked && memory_->queue.size(key(job)) > 0;
  if (std::exchange(desk.present, present) == present) return;
  for (const uint32_t teacher : setting_.jobs[job].teachers) memory_->desks[teacher].fairness.present(job, present);
}

Time World::deadline() const {
  bool days = false, stated = true;
  for (const TeacherSetting& teacher : setting_.teachers) {
    days |= teacher.caps.day || teacher.caps.month || teacher.manners.plan.requests_per_day > 0;
    stated &= states_rates(teacher.told);
  }
  for (const limit::Purse::Caps& caps : setting_.tenants) days |= caps.day || caps.month;
  // Where a day or a month must end first, as many of them as it takes.
  if (days) return setting_.calm_at + 24h * 400;
  // Rates that must be found may be found far too low while there are troubles (where nothing is named, all of them by
  // the one that is refused), and climb slowly from there: of 20,000 seeds one in a hundred takes two hours, one nine.
  if (!stated) return setting_.calm_at + 12h;
  return setting_.calm_at + 10 * (setting_.whole() + 60s);
}

}  // namespace harvest::simulation

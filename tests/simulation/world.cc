#include "tests/simulation/world.h"

#include <algorithm>
#include <utility>

namespace harvest::simulation {
namespace {

using namespace std::chrono_literals;
constexpr Time kWay = 10ms;
constexpr Time kForEver = std::chrono::hours(24 * 60);
/// After a crash an attempt is held for as long as the vendor may still be at it.
constexpr Time kAttemptMax = 40s;
constexpr uint32_t kCrashesMax = 3;

}  // namespace

std::string World::run() {
  while (broken_.empty() && resting_ < store_.queries.size() && events_.step(kForEver)) check_money();
  if (broken_.empty() && resting_ < store_.queries.size()) fail("a query never came to rest");
  for (const StoredQuery& query : store_.queries) {
    if (broken_.empty() && query.endings != 1) fail("a query came to rest other than once");
  }
  return broken_;
}

void World::fail(const std::string& what) {
  if (broken_.empty()) broken_ = what + " at " + std::to_string(events_.now().count() / 1'000'000) + " ms";
}

void World::check_money() {
  for (const StoredJob& job : store_.jobs) {
    if (job.cap && job.billed > *job.cap) fail("a job was billed beyond its cap");
    if (job.cap && job.spent + job.at_risk > *job.cap) fail("a job was booked beyond its cap");
  }
  for (const auto& [number, day] : store_.days) {
    if (day_cap_ && day.spent + day.at_risk > *day_cap_) fail("a day was booked beyond its cap");
  }
}

void World::start() {
  memory_ = std::make_unique<Memory>(told_, day_cap_);
  for (uint32_t job = 0; job < store_.jobs.size(); ++job) {
    memory_->queue.open(key(job), {.weight = store_.jobs[job].weight}, {0});
    memory_->budgets.emplace_back(store_.jobs[job].cap);
    memory_->budgets.back().restore(store_.jobs[job].spent, store_.jobs[job].at_risk);
  }
  memory_->in_flight.resize(store_.jobs.size());
  memory_->blocked.resize(store_.jobs.size());
  if (epoch_ > 0) restore();
  for (uint32_t query = 0; query < store_.queries.size(); ++query) enqueue(query);
  pump();
}

void World::crash() {
  ++epoch_;
  wake_ = Time::max();
  // Before anything is asked: what was open may have been billed.
  for (const auto& [number, intent] : store_.intents) {
    still_open_.push_back({intent, events_.now() + kAttemptMax});
    StoredQuery& query = store_.queries[intent.query];
    store_.jobs[query.job].at_risk += intent.demand.cost_picodollars;
    store_.days[intent.day].at_risk += intent.demand.cost_picodollars;
    if (++query.crashes >= kCrashesMax) end(intent.query);
  }
  store_.intents.clear();
  memory_.reset();
  events_.after(random_.upto(3s), [this, epoch = epoch_] {
    if (epoch == epoch_) start();
  });
}

void World::restore() {
  const auto today = static_cast<uint32_t>(utc_us() / 86'400'000'000);
  const ModelStore::Day& day = store_.days[today];
  memory_->limiter.restore_day(today, day.requests);
  memory_->purse.restore(today, {.spent = day.spent, .at_risk = day.at_risk}, {});
  memory_->limiter.restart(events_.now());
  std::erase_if(still_open_, [this](const OpenIntent& open) { return open.until <= events_.now(); });
  for (const auto& [intent, until] : still_open_) {
    const limit::Permit permit = memory_->limiter.restore(intent.demand, intent.day, events_.now());
    events_.at(until, [this, permit, epoch = epoch_] {
      if (epoch != epoch_) return;
      memory_->limiter.settle(permit, {.at_risk = true}, events_.now());
      pump();
    });
  }
}

void World::enqueue(uint32_t query) {
  const StoredQuery& stored = store_.queries[query];
  if (stored.endings > 0) return;
  if (stored.due > events_.now()) {
    events_.at(stored.due, [this, query, epoch = epoch_] {
      if (epoch != epoch_) return;
      enqueue(query);
      pump();
    });
    return;
  }
  memory_->queue.push(key(stored.job), stored.input_tokens + stored.output_cap, query);
}

void World::wake_at(Time when) {
  if (when >= wake_) return;
  wake_ = when;
  events_.at(when, [this, when, epoch = epoch_] {
    if (epoch != epoch_ || wake_ != when) return;
    wake_ = Time::max();
    pump();
  });
}

void World::pump() {
  while (const uint32_t* front = memory_->queue.front(0)) {
    const uint32_t query = *front;
    const StoredQuery& stored = store_.queries[query];
    const limit::Demand demand{.input_tokens = stored.input_tokens,
                               .output_tokens = stored.output_cap,
                               .cost_picodollars = cost(stored.input_tokens, stored.output_cap)};
    const limit::Wallet money = wallet(stored.job);
    const limit::Verdict verdict = limit::later(memory_->limiter.ask(demand, events_.now(), utc_us()),
                                                money.ask(demand.cost_picodollars, events_.now(), utc_us()));
    if (!verdict.granted && verdict.binding == limit::Dimension::kJobBudget) {
      no_money(stored.job);
      continue;
    }
    if (!verdict.granted) {
      if (verdict.ready_at != limit::Instant::max()) wake_at(verdict.ready_at);
      if (verdict.binding == limit::Dimension::kTeacherBudget && verdict.ready_at == limit::Instant::max()) {
        memory_->queue.take(0);
        end(query);  // no day can pay for it
        continue;
      }
      return;
    }
    memory_->queue.take(0);
    limit::Permit permit = memory_->limiter.take(demand, events_.now(), utc_us());
    permit.day = money.reserve(demand.cost_picodollars, utc_us());
    send(query, demand, permit);
  }
}

void World::no_money(uint32_t job) {
  if (memory_->in_flight[job] > 0) {
    memory_->blocked[job] = true;  // something may come back
    memory_->queue.block(key(job));
    return;
  }
  const uint32_t query = memory_->queue.take(0);  // the front is this job's
  end(query);
}

void World::unblock(uint32_t job) {
  if (!memory_->blocked[job]) return;
  memory_->blocked[job] = false;
  memory_->queue.unblock(key(job));
}

void World::send(uint32_t query, const limit::Demand& demand, const limit::Permit& permit) {
  const StoredQuery& stored = store_.queries[query];
  ++attempts_;
  ++memory_->in_flight[stored.job];
  if (stored.attempts == 0) memory_->retries.first_attempt(events_.now());
  const Attempt attempt{.intent = store_.next_intent++, .permit = permit, .epoch = epoch_};
  store_.intents[attempt.intent] = Intent{.query = query, .day = permit.day, .demand = demand};
  ++store_.days[permit.day].requests;
  events_.after(kWay + random_.upto(jitter_),
                [this, attempt, query, job = stored.job] { arrive(attempt, query, job); });
}

void World::arrive(const Attempt& attempt, uint32_t query, uint32_t job) {
  const limit::Demand& demand = attempt.permit.reserved;
  const teachersim::limits::Ask ask{.input_tokens = demand.input_tokens, .output_cap = demand.output_tokens};
  const Time arrived = events_.now();
  const Reply reply = teacher_->arrive(ask, store_.queries[query].hopeless, arrived);
  if (reply.over_limit) {
    ++over_limit_;
    if (limits_known_) fail("a known limit was exceeded");
  }
  if (reply.billed) store_.jobs[job].billed += cost(demand.input_tokens, reply.output_tokens);
  if (reply.outcome.kind != v1::THROTTLED) {
    events_.after(reply.latency,
                  [this, ask, arrived, reply] { teacher_->finished(ask, arrived, reply, events_.now()); });
  }
  events_.after(reply.latency + kWay, [this, attempt, query, reply] { replied(attempt, query, reply); });
}

void World::replied(const Attempt& attempt, uint32_t query, const Reply& reply) {
  if (attempt.epoch != epoch_) return;  // nobody is there any more
  limit::Actual actual{.input_tokens = attempt.permit.reserved.input_tokens, .output_tokens = reply.output_tokens};
  const bool answered = reply.outcome.kind == v1::ANSWERED || reply.outcome.kind == v1::REFUSED;
  if (answered) {
    actual.cost_picodollars = cost(actual.input_tokens, actual.output_tokens);
  } else if (reply.outcome.kind == v1::FAULTED && reply.outcome.retry == dialect::Retry::kAmbiguous) {
    actual.at_risk = true;
  } else {
    // Only what the vendor never admitted gives its tokens back; a fault behind the door keeps the input's.
    actual.unprocessed = reply.outcome.kind == v1::THROTTLED;
  }
  settle(attempt, query, reply, actual);
  decide(query, reply);
  pump();
}

void World::settle(const Attempt& attempt, uint32_t query, const Reply& reply, const limit::Actual& actual) {
  const uint32_t job = store_.queries[query].job;
  memory_->limiter.learn({.throttled = reply.outcome.kind == v1::THROTTLED,
                          .retry_after = reply.outcome.retry_after,
                          .sent_at = attempt.permit.taken_at},
                         events_.now());
  memory_->limiter.settle(attempt.permit, actual, events_.now());
  wallet(job).settle(attempt.permit, actual);
  const int64_t at_risk = actual.at_risk ? attempt.permit.reserved.cost_picodollars : 0;
  store_.jobs[job].spent += actual.cost_picodollars;
  store_.jobs[job].at_risk += at_risk;
  store_.days[attempt.permit.day].spent += actual.cost_picodollars;
  store_.days[attempt.permit.day].at_risk += at_risk;
  store_.intents.erase(attempt.intent);
  --memory_->in_flight[job];
  unblock(job);
}

void World::decide(uint32_t query, const Reply& reply) {
  StoredQuery& stored = store_.queries[query];
  const flow::History history{.attempts = stored.attempts, .throttled = stored.throttled, .crashes = stored.crashes};
  flow::Decision decision = retry_.decide(history, reply.outcome, random_.unit());
  if (decision.verb != flow::Decision::Verb::kRetryAt) return end(query);
  if (decision.attempt_counts) {
    ++stored.attempts;
    if (!memory_->retries.allow(events_.now())) {
      decision.delay = std::max(decision.delay, memory_->retries.wait(events_.now()));
    }
  } else {
    ++stored.throttled;
  }
  stored.due = events_.now() + decision.delay;
  enqueue(query);
}

void World::end(uint32_t query) {
  ++store_.queries[query].endings;
  ++resting_;
}

}  // namespace harvest::simulation

// What becomes of one attempt: sent, arrived, replied, settled, decided.
#include <algorithm>
#include <utility>

#include "tests/simulation/world.h"

namespace harvest::simulation {
namespace {

using namespace std::chrono_literals;
constexpr Time kWay = 10ms;
constexpr Time kNoteEvery = 5s, kHoldLeast = 3s;

limit::Feedback::Window window_of(const dialect::LimitWindow& window) {
  return {.limit = window.limit, .remaining = window.remaining, .reset_in = window.reset_in};
}

std::optional<limit::Dimension> named_limit(const dialect::Outcome& outcome) {
  switch (outcome.met_limit) {
    case dialect::MetLimit::kRequests:
      return limit::Dimension::kRequests;
    case dialect::MetLimit::kRequestsPerDay:
      return limit::Dimension::kRequestsPerDay;
    case dialect::MetLimit::kInputTokens:
      return limit::Dimension::kInputTokens;
    case dialect::MetLimit::kOutputTokens:
      return limit::Dimension::kOutputTokens;
    case dialect::MetLimit::kConcurrency:
      return limit::Dimension::kConcurrency;
    case dialect::MetLimit::kUnknown:
      break;
  }
  return std::nullopt;
}

}  // namespace

int64_t World::cost(uint32_t teacher, int64_t input_tokens, int64_t output_tokens) const {
  return input_tokens * setting_.teachers[teacher].input_price +
         output_tokens * setting_.teachers[teacher].output_price;
}

limit::Demand World::demand(uint32_t query, uint32_t teacher) const {
  const Question& question = store_.queries[query].question;
  return {.input_tokens = question.input_tokens,
          .output_tokens = question.output_cap,
          .cost_picodollars = cost(teacher, question.input_tokens, question.output_cap)};
}

limit::Wallet World::wallet(uint32_t job, uint32_t teacher) {
  return {.job = &memory_->jobs[job].budget,
          .teacher = &memory_->desks[teacher].purse,
          .tenant = &memory_->tenants[share(job).tenant].purse};
}

int64_t World::refusals() const {
  int64_t sum = 0;
  for (const RefusalWatch& watch : refusals_) sum += watch.refusals();
  return sum;
}

void World::take(uint32_t query, uint32_t teacher) {
  const StoredQuery& stored = store_.queries[query];
  memory_->queue.take(teacher);
  const std::string unfair =
      memory_->desks[teacher].fairness.served(stored.job, stored.question.input_tokens + stored.question.output_cap);
  if (!unfair.empty()) fail("teacher " + std::to_string(teacher) + ": " + unfair);
  note(stored.job);
}

void World::send(uint32_t query, uint32_t teacher, const limit::Demand& demand) {
  take(query, teacher);
  const StoredQuery& stored = store_.queries[query];
  Desk& desk = memory_->desks[teacher];
  limit::Permit permit = desk.limiter.take(demand, now(), utc_us());
  permit.day = wallet(stored.job, teacher).reserve(demand.cost_picodollars, utc_us());
  const std::string hasty = refusals_[teacher].sent(now());
  if (!hasty.empty()) fail("teacher " + std::to_string(teacher) + ": " + hasty);
  ++attempts_;
  ++memory_->jobs[stored.job].in_flight;
  if (stored.attempts == 0) desk.retries.first_attempt(now());
  const uint64_t intent = store_.open(
      {.query = query, .teacher = teacher, .tenant = share(stored.job).tenant, .day = permit.day, .demand = demand});
  const Attempt attempt{.intent = intent, .query = query, .teacher = teacher, .permit = permit, .epoch = epoch_};
  events_.after(kWay + setting_.network.draw(random_), [this, attempt] { arrive(attempt); });
}

void World::arrive(const Attempt& attempt) {
  const StoredQuery& stored = store_.queries[attempt.query];
  const limit::Demand& demand = attempt.permit.reserved;
  const Reply reply = teachers_[attempt.teacher]->arrive(
      {.input_tokens = demand.input_tokens, .output_cap = demand.output_tokens}, stored.question.hopeless);
  if (reply.over_limit) {
    const std::string broken = refusals_[attempt.teacher].refused(*reply.over_limit, attempt.permit.taken_at, now());
    if (!broken.empty()) fail("teacher " + std::to_string(attempt.teacher) + ": " + broken);
  }
  if (reply.billed) store_.bill(stored.job, cost(attempt.teacher, demand.input_tokens, reply.output_tokens));
  events_.after(reply.latency + kWay, [this, attempt, reply] { replied(attempt, reply); });
}

void World::replied(const Attempt& attempt, const Reply& reply) {
  if (attempt.epoch != epoch_) return;  // nobody is there any more
  const dialect::Outcome& outcome = reply.outcome;
  limit::Actual actual{.input_tokens = attempt.permit.reserved.input_tokens, .output_tokens = reply.output_tokens};
  if (outcome.has_answer()) {
    actual.cost_picodollars = cost(attempt.teacher, actual.input_tokens, actual.output_tokens);
  } else if (outcome.kind == v1::FAULTED && outcome.retry == dialect::Retry::kAmbiguous) {
    actual.at_risk = true;
  } else {
    // Only what the vendor never admitted gives its tokens back; a fault behind the door keeps the input's.
    actual.unprocessed = outcome.kind == v1::THROTTLED;
  }
  if (outcome.kind == v1::THROTTLED) {
    const std::string often = refusals_[attempt.teacher].heard(outcome, attempt.permit.taken_at, now());
    if (!often.empty()) fail("teacher " + std::to_string(attempt.teacher) + ": " + often);
  }
  settle(attempt, reply, actual);
  decide(attempt, reply);
  pump();
}

void World::settle(const Attempt& attempt, const Reply& reply, const limit::Actual& actual) {
  const uint32_t job = store_.queries[attempt.query].job;
  Desk& desk = memory_->desks[attempt.teacher];
  const dialect::Outcome& outcome = reply.outcome;
  desk.limiter.learn({.throttled = outcome.kind == v1::THROTTLED,
                      .refused_by = named_limit(outcome),
                      .overloaded = outcome.overloaded,
                      .retry_after = outcome.retry_after,
                      .sent_at = attempt.permit.taken_at,
                      .in_flight = attempt.permit.in_flight,
                      .requests = window_of(outcome.requests),
                      .input_tokens = window_of(outcome.input_tokens),
                      .output_tokens = window_of(outcome.output_tokens)},
                     now());
  desk.limiter.settle(attempt.permit, actual, now());
  wallet(job, attempt.teacher).settle(attempt.permit, actual);
  note_found(attempt.teacher);
  store_.close(attempt.intent, actual.cost_picodollars, actual.at_risk);
  if (setting_.estimates_put_right && outcome.has_answer()) {
    const int64_t off = reply.output_tokens - attempt.permit.reserved.output_tokens;
    memory_->queue.correct(key(job), attempt.teacher, off);
    desk.fairness.correct(job, off);
  }
  --memory_->jobs[job].in_flight;
  memory_->jobs[job].starved = false;
  open_tenant(share(job).tenant);
  note(job);
}

/// As the service notes it (TeacherDesk::found_news): a few seconds apart, but a long hold at once.
void World::note_found(uint32_t teacher) {
  Desk& desk = memory_->desks[teacher];
  const Time held = desk.limiter.held_until();
  const bool held_longer = held > std::max(now() + kHoldLeast, store_.parked_until[teacher]);
  if (now() < desk.note_again_at && !held_longer) {
    if (std::exchange(desk.note_due, true)) return;
    events_.at(desk.note_again_at, [this, teacher, epoch = epoch_] {
      if (epoch != epoch_) return;
      memory_->desks[teacher].note_due = false;
      note_found(teacher);
    });
    return;
  }
  store_.found[teacher] = desk.limiter.found();
  store_.parked_until[teacher] = now() + std::chrono::ceil<std::chrono::seconds>(held - now());
  desk.note_again_at = now() + kNoteEvery;
}

void World::decide(const Attempt& attempt, const Reply& reply) {
  StoredQuery& stored = store_.queries[attempt.query];
  flow::RetryBudget& retries = memory_->desks[attempt.teacher].retries;
  const flow::History history{.attempts = stored.attempts, .throttled = stored.throttled, .crashes = stored.crashes};
  flow::Decision decision = retry_.decide(history, reply.outcome, random_.unit());
  if (decision.verb != flow::Decision::Verb::kRetryAt) return end(attempt.query);
  if (decision.attempt_counts) {
    ++stored.attempts;
    // As the service does: what was never taken up is no burden.
    if (reply.outcome.retry != dialect::Retry::kSafe && !retries.allow(now()))
      decision.delay = std::max(decision.delay, retries.wait(now()));
  } else {
    ++stored.throttled;
  }
  stored.due = now() + decision.delay;
  enqueue(attempt.query);
}

void World::end(uint32_t query) {
  if (++store_.queries[query].endings > 1) fail("query " + std::to_string(query) + " came to rest twice");
  ++resting_;
}

}  // namespace harvest::simulation

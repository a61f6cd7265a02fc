#include "service/flow/race.h"

#include <boost/asio/async_result.hpp>
#include <cassert>
#include <utility>

#include "service/flow/harvester.h"

namespace harvest::flow {

Race::Race(Harvester& house, const QueryRun& run)
    : spec(run.spec),
      asked(*run.asked),
      teacher(*run.teacher),
      sampling(run.ready->sampling),
      first{.endpoint = run.endpoint, .permit = run.permit, .intent = run.intent, .under_ceiling = run.under_ceiling},
      house_(house),
      patience_(house.lane()) {}

bool Race::undecided() const {
  if (first.answered() || (second && second->answered())) return false;
  return first.out || (second && second->out);
}

void Race::send(Call& call, dialect::HttpRequest request) {
  call.out = true;
  teacher.line().send(
      call.endpoint, std::move(request),
      [self = shared_from_this(), &call](dialect::HttpExchange exchange) { self->ended(call, std::move(exchange)); });
}

void Race::ended(Call& call, dialect::HttpExchange exchange) {
  call.out = false;
  call.outcome = teacher.dialect().decode(teacher.config(), exchange, house_.utc_us());
  call.exchange = std::move(exchange);
  if (&call != late_) return ring();
  if (run_at_rest_) house_.late_call_ended(*this, call);
}

runtime::Task<void> Race::wait(std::optional<std::chrono::nanoseconds> at_most) {
  return boost::asio::async_initiate<const runtime::UseTask, void()>(
      [this, at_most](auto handler) {
        rung_ = [handler = std::move(handler)]() mutable { std::move(handler)(); };
        if (!at_most) return;
        patience_.expires_after(*at_most);
        patience_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
          if (!error) self->ring();
        });
      },
      runtime::kUseTask);
}

void Race::ring() {
  patience_.cancel();
  if (rung_) std::exchange(rung_, nullptr)();
}

v1::Intent Race::both() const {
  v1::Intent intent = first.intent;
  intent.set_cost_max_picodollars(intent.cost_max_picodollars() + second->intent.cost_max_picodollars());
  intent.set_input_tokens(intent.input_tokens() + second->intent.input_tokens());
  intent.set_output_tokens(intent.output_tokens() + second->intent.output_tokens());
  return intent;
}

dialect::HttpExchange Race::finish(QueryRun& run) {
  assert(!undecided());
  Call& winner = second && second->answered() && !first.answered() ? *second : first;
  Call* other = !second ? nullptr : &winner == &first ? &*second : &first;
  if (other != nullptr && (other->out || other->answered())) {
    // It may be billed until it has told: an attempt of its own, named and booked with the answer that counts.
    late_ = other;
    run.late = other->intent;
    run.late->set_hedge(true);
    run.beside_at_risk_picodollars = other->permit.reserved.cost_picodollars;
    house_.expect_late_call(*this);
  } else if (other != nullptr) {
    run.beside_at_risk_picodollars = house_.call_failed(*this, *other);
  }
  run.endpoint = winner.endpoint;
  run.permit = winner.permit;
  run.intent = winner.intent;
  run.under_ceiling = winner.under_ceiling;
  return std::move(*winner.exchange);
}

void Race::run_at_rest() {
  run_at_rest_ = true;
  if (late_ != nullptr && late_->exchange) house_.late_call_ended(*this, *late_);
}

// Each argument is built in a local before it is awaited with: GCC 12 destroys temporaries of a co_await expression
// twice.
runtime::Task<dialect::HttpExchange> ask_hedged(Harvester& house, QueryRun& run, dialect::HttpRequest request) {
  const std::optional<std::chrono::nanoseconds> slow = run.teacher->times.slow(run.permit.reserved.input_tokens);
  if (!slow) {
    dialect::HttpExchange exchange = co_await run.teacher->line().ask(run.endpoint, std::move(request));
    co_return exchange;
  }
  run.race = std::make_shared<Race>(house, run);
  Race& race = *run.race;
  dialect::HttpRequest again = request;
  race.send(race.first, std::move(request));
  co_await race.wait(slow);
  if (race.undecided() && house.try_hedge(race)) {
    store::Change raise{std::in_place_type<store::Hedge>, store::Hedge{race.both()}};
    LaneStore::Result raised = co_await house.store().applied(raise);
    if (raised.status.ok() && race.undecided())
      race.send(*race.second, std::move(again));
    else
      house.hedge_unsent(race);
  }
  while (race.undecided()) co_await race.wait(std::nullopt);
  co_return race.finish(run);
}

}  // namespace harvest::flow

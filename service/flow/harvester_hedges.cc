// The harvester's side of hedged attempts: what a second call takes, and what becomes of the call that nobody waits
// for.
#include <cassert>
#include <utility>

#include "proto/text/ulid.h"
#include "service/flow/harvester.h"
#include "service/flow/settlement.h"
#include "service/observe/log.h"

namespace harvest::flow {

namespace log = observe::log;

bool Harvester::try_hedge(Race& race) {
  JobDesk& desk = *jobs_->find(race.spec->number);
  if (!may_ask() || !race.teacher.may_ask() || desk.paused || desk.cancelled || !desk.may_hedge()) return false;
  // The same once more: as large, from every limit and every purse.
  const limit::Instant at = now();
  const limit::Demand& demand = race.first.permit.reserved;
  if (!may_go(desk, race.asked.index, demand, at).granted) return false;
  const std::optional<size_t> endpoint = race.teacher.line().endpoints.pick(at);
  if (!endpoint) return false;

  race.second.emplace();
  Race::Call& call = *race.second;
  call.endpoint = *endpoint;
  call.permit = race.teacher.take(demand, desk.payer(), at, utc_us());
  call.under_ceiling = desk.take_of_ceiling(race.asked.index, call.permit);
  call.intent = race.first.intent;
  call.intent.set_id(text::to_bytes(ulids_.next(utc_us())));
  call.intent.set_started_at_us(utc_us());
  call.intent.set_budget_day(call.permit.day);
  ++in_flight_;
  ++desk.attempts;
  ++desk.hedges;
  race.teacher.metrics.attempt("hedge");
  return true;
}

void Harvester::hedge_unsent(Race& race) {
  JobDesk& desk = *jobs_->find(race.spec->number);
  race.teacher.line().endpoints.forget(race.second->endpoint);
  settle_permit(held_by(race, *race.second), desk, {.unprocessed = true});
  race.second.reset();
  off_the_wire();
}

void Harvester::expect_late_call(const Race& race) {
  ++jobs_->find(race.spec->number)->late_calls;
}

/// Limits, endpoint and standing hear of a call whatever became of its query.
limit::Actual Harvester::hear_of_call(const Race& race, const Race::Call& call) {
  race.teacher.hear(call.permit, call.endpoint, *call.exchange, call.outcome, now());
  note_standing(race.teacher, call.outcome, call.permit.taken_at);
  const limit::Actual actual = race.teacher.actual(call.outcome, call.exchange->sent, race.sampling, call.permit);
  settle_permit(held_by(race, call), *jobs_->find(race.spec->number), actual);
  wake();
  return actual;
}

int64_t Harvester::call_failed(const Race& race, const Race::Call& call) {
  const limit::Actual actual = hear_of_call(race, call);
  off_the_wire();
  return actual.at_risk ? actual.cost_picodollars : 0;
}

void Harvester::late_call_ended(const Race& race, Race::Call& call) {
  const limit::Actual actual = hear_of_call(race, call);
  store::SettleLate late{.intent = call.intent};
  late.charge.at_risk_picodollars = -call.permit.reserved.cost_picodollars;
  if (call.outcome.has_answer()) {
    late.charge.spent_picodollars = actual.cost_picodollars;
    late.charge.input_tokens = actual.input_tokens;
    late.charge.output_tokens = actual.output_tokens;
    late.answer =
        make_answer(race.asked, call.intent, race.sampling.max_output_tokens(), race.teacher.line().url(call.endpoint),
                    call.outcome, std::move(*call.exchange), actual.cost_picodollars, utc_us());
    late.answer->set_teacher_epoch(epoch_of(race.teacher, call.outcome, false));
    late.stamp = race.asked.stamp;
  } else if (actual.at_risk) {
    late.charge.at_risk_picodollars += actual.cost_picodollars;
  }
  store_.apply(store::Change(std::move(late)), [this, job = race.spec->number](LaneStore::Result result) {
    if (!result.status.ok()) {
      // It stays named among what may have been billed.
      parts_.metrics.store_error("settle");
      log::error("settle_failed", {{"job", job}, {"error", result.status.message()}});
    }
    JobDesk& desk = *jobs_->find(job);
    assert(desk.late_calls > 0);
    --desk.late_calls;
    close_if_done(job);
    off_the_wire();
  });
}

}  // namespace harvest::flow

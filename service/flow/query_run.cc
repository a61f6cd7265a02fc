#include "service/flow/query_run.h"

#include <utility>

#include "service/flow/harvester.h"
#include "service/flow/judgement.h"
#include "service/flow/race.h"

namespace harvest::flow {

// Each argument is built in a local before it is awaited with: GCC 12 destroys temporaries of a co_await expression
// twice.
runtime::Task<void> run_query(Harvester& house, QueryRun run) {
  TeacherDesk& teacher = *run.teacher;

  // Intent on disk before money moves. After a crash, the open intents are exactly what may have been billed unseen.
  store::Change reserve{std::in_place_type<store::Reserve>, run.ready->place, run.intent};
  LaneStore::Result reserved = co_await house.store().applied(reserve);
  house.left_place(run, reserved.status);
  if (!reserved.status.ok()) co_return house.unsent(run);

  const dialect::QueryView query{.prompt = run.ready->prompt,
                                 .sampling = run.ready->sampling,
                                 .choices = run.ready->queries(),
                                 .stream = teacher.streams(run.candidate().output_tokens_max)};
  dialect::HttpRequest request = teacher.dialect().encode(teacher.config(), query);
  dialect::HttpExchange exchange;
  if (run.spec->job.hedge_ratio_max() > 0)
    exchange = co_await ask_hedged(house, run, std::move(request));
  else
    exchange = co_await teacher.line().ask(run.endpoint, std::move(request));

  // News for limits, budgets and endpoint first: whoever waits for them may go on while this answer is being kept.
  const dialect::Outcome outcome = teacher.dialect().decode(teacher.config(), exchange, house.utc_us());
  const Judgement judgement = house.judge(run, exchange, outcome);

  // Answer, pair, cost and counters; or the ending; or the row of another try: one batch, with fsync.
  store::Change rest = judgement.change(run, std::move(exchange), outcome);
  LaneStore::Result kept = co_await house.store().applied(rest);
  if (run.race != nullptr) run.race->run_at_rest();
  house.at_rest(run, judgement, kept.status);
}

}  // namespace harvest::flow

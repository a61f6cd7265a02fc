#include "service/flow/judgement.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "service/flow/settlement.h"
#include "service/flow/teacher_desk.h"

namespace harvest::flow {

store::Change Judgement::change(QueryRun& run, dialect::HttpExchange exchange, const dialect::Outcome& outcome) const {
  if (answered()) {
    store::Change settled =
        make_settlement(*run.spec, *run.asked, *run.ready, std::move(run.intent), run.teacher->line().url(run.endpoint),
                        outcome, std::move(exchange), charge, record_ids, next_teacher, utc_us);
    store::Settle& settle = std::get<store::Settle>(settled);
    label(settle);
    settle.late = std::move(run.late);
    return settled;
  }
  const uint32_t attempts = run.ready->attempts + (attempt_counts ? 1 : 0);
  if (again()) {
    store::Postpone postpone{.intent = std::move(run.intent), .charge = charge};
    v1::Postponed& row = postpone.to;
    row.set_ordinal(run.ready->place.ordinal);
    // Another teacher begins anew.
    const bool moves = !next_teacher.empty() && next_teacher != run.asked->config.name();
    row.set_attempts(moves ? 0 : attempts);
    row.set_throttled(run.ready->throttled + (outcome.kind == v1::THROTTLED ? 1 : 0));
    row.set_crashes(0);  // in a row: this attempt ended
    row.set_due_at_us(due_at_us);
    row.set_teacher(next_teacher);
    row.set_online(run.ready->online);
    run.ready->put_turn(row);
    row.set_last_outcome(absl::AsciiStrToLower(v1::Outcome_Name(outcome.kind)));
    row.set_last_message(outcome.message);
    return postpone;
  }
  store::End end{.intent = std::move(run.intent), .charge = charge};
  end.ending = make_ending(*run.ready, run.asked->config.name(), outcome, attempts, utc_us);
  end.unasked = run.ready->turns_left();
  end.parent_record_ids.assign(run.ready->turns_before.begin(), run.ready->turns_before.end());
  return end;
}

void Judgement::label(store::Settle& settle) const {
  settle.answer.set_teacher_epoch(teacher_epoch);
  for (size_t i = 0; i < std::min(traits.size(), settle.samples.size()); ++i) {
    settle.samples[i].empty = traits[i].empty;
    settle.samples[i].duplicate = traits[i].duplicate;
  }
}

}  // namespace harvest::flow

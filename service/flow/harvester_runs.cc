// The harvester's side of a query run: what its events do to limits, budgets, queue and jobs.
#include <algorithm>
#include <cassert>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "proto/text/money.h"
#include "service/flow/harvester.h"
#include "service/flow/settlement.h"
#include "service/observe/log.h"
#include "storage/store/tally.h"

namespace harvest::flow {

namespace log = observe::log;

/// Empty is the job's first teacher, or nobody where the query gives up.
std::string Harvester::next_teacher(const JobSpec& spec, const JobSpec::AskedTeacher& asked,
                                    Decision::Verb verb) const {
  const auto place = static_cast<size_t>(&asked - spec.teachers.data());
  if (verb == Decision::Verb::kGiveUp || verb == Decision::Verb::kHaltTeacher)
    if (const auto next = next_place(fallback_teachers(spec), place)) return spec.teachers[*next].config.name();
  // After the last there is none: the query of a halted one waits for it, and does not go back to those before.
  return verb == Decision::Verb::kGiveUp || place == 0 ? "" : asked.config.name();
}

void Harvester::settle_permit(const Holding& held, JobDesk& desk, const limit::Actual& actual) {
  held.teacher.settle(held.permit, actual, desk.payer(), now());
  if (held.under_ceiling) desk.ceiling(held.index)->settle(held.permit, actual, now());
  if (!held.permit.money_only) --desk.attempts;
  if (is_overbilled(held.permit, actual)) overbilled(held.teacher, desk, held.permit, actual);
  if (desk.starved) jobs_->starve(desk, false);
  if (jobs_->holds_any()) jobs_->release_job(desk.spec->number);
}

void Harvester::left_place(const QueryRun& run, const absl::Status& status) {
  jobs_->left(run.ready->place, status);
}

void Harvester::unsent(const QueryRun& run) {
  JobDesk& desk = *jobs_->find(run.spec->number);
  run.teacher->line().endpoints.forget(run.endpoint);
  settle_permit(held_by(run), desk, {.unprocessed = true});
  finish_twins(run, 0);
  parts_.metrics.store_error("intent");
  desk.in_flight -= run.ready->queries();
  desk.online_at[run.asked->index] -= run.ready->queries();
  close_if_done(run.spec->number);
  off_the_wire();
}

Judgement Harvester::judge(QueryRun& run, const dialect::HttpExchange& exchange, const dialect::Outcome& outcome) {
  TeacherDesk& teacher = *run.teacher;
  JobDesk& desk = *jobs_->find(run.spec->number);
  run.by_batch ? teacher.count(run.candidate(), outcome)
               : teacher.learn(run.candidate(), run.permit, run.endpoint, exchange, outcome, now());

  Judgement judgement{.utc_us = utc_us()};
  const double draw = std::uniform_real_distribution<double>(0, 1)(random_);
  const History history{
      .attempts = run.ready->attempts, .throttled = run.ready->throttled, .crashes = run.ready->crashes};
  judgement.decision = retry_.decide(history, outcome, draw, exchange.sent);

  const limit::Actual actual = teacher.actual(outcome, exchange.sent, run.ready->sampling, run.permit);
  if (judgement.answered()) {
    // What gave no answer brought no tokens, yet it had its turn: only answers put the job's share right. Of a query
    // that several teachers wait for, the first one's expectation was charged.
    if (outcome.usage.reported() && !run.by_batch)
      queue_.correct(desk.queue_key(run.ready->place.stream, run.asked->index), run.asked->account,
                     actual.input_tokens + actual.output_tokens - run.ready->candidates.front().tokens_expected());
    judgement.charge.spent_picodollars = actual.cost_picodollars;
    judgement.charge.input_tokens = actual.input_tokens;
    judgement.charge.output_tokens = actual.output_tokens;
    // A vendor may give more than was asked for, which nobody waits for, or fewer.
    const size_t settled = std::min<size_t>(outcome.choices.size(), run.ready->queries());
    for (size_t i = 0; i < settled; ++i) judgement.record_ids.push_back(ulids_.next_id("r_", judgement.utc_us));
    judgement.traits = look_at(run, desk, outcome, settled);
    judgement.goes_on =
        run.ready->turns_left() > 0 && !outcome.choices.empty() && may_go_on(*run.ready, outcome.choices.front());
    judgement.teacher_epoch = epoch_of(teacher, outcome, run.by_batch);
    teacher.metrics.spend(text::dollars_of(actual.cost_picodollars));
    desk.tokens.add(static_cast<double>(actual.output_tokens));
  } else if (actual.at_risk) {
    judgement.charge.at_risk_picodollars = actual.cost_picodollars;
    teacher.metrics.at_risk(text::dollars_of(actual.cost_picodollars));
  }
  judgement.charge.at_risk_picodollars += run.beside_at_risk_picodollars;
  settle_permit(held_by(run), desk, actual);

  if (judgement.decision.verb == Decision::Verb::kHaltTeacher) {
    judgement.attempt_counts = false;
    // One that was sent with a key that is no more says nothing of the new one.
    if (renew_key(teacher, outcome, run.by_batch ? now() : run.permit.taken_at))
      judgement.decision = {.verb = Decision::Verb::kRetryAt, .attempt_counts = false};
    else
      halted_by(teacher, outcome);
  } else {
    hear_of_rights(teacher, outcome);
  }
  if (teacher.rejections.note(outcome))
    halt_teacher(teacher,
                 absl::StrCat(AlikeRejections::kMax, " queries in a row were rejected alike: ", outcome.reason()));
  if (judgement.decision.verb == Decision::Verb::kRetryAt) {
    judgement.attempt_counts = judgement.decision.attempt_counts;
    // The ration guards a sick teacher from work done twice; what it never took up is paced by limits and breaker
    // alone.
    if (judgement.attempt_counts && outcome.retry != dialect::Retry::kSafe && !teacher.retries.allow(now()))
      judgement.decision.delay = std::max(judgement.decision.delay, teacher.retries.wait(now()));
  }
  if (run.spec->job.ask() == v1::FALLBACK)
    judgement.next_teacher = next_teacher(*run.spec, *run.asked, judgement.decision.verb);
  if (judgement.answered()) stop_where_guarded(run, desk);
  judgement.due_at_us =
      judgement.utc_us + std::chrono::duration_cast<std::chrono::microseconds>(judgement.decision.delay).count();
  wake();
  return judgement;
}

void Harvester::at_rest(const QueryRun& run, const Judgement& judgement, const absl::Status& status) {
  JobDesk& desk = *jobs_->find(run.spec->number);
  const size_t settled = judgement.record_ids.size();
  finish_twins(run, status.ok() ? settled : 0);
  desk.in_flight -= run.ready->queries();
  (run.by_batch ? desk.in_batches : desk.online_at[run.asked->index]) -= run.ready->queries();
  if (desk.starved) jobs_->starve(desk, false);
  wake();
  if (!status.ok()) {
    // The intent is still on disk: the next start lists it among what may have been billed.
    parts_.metrics.store_error(judgement.answered() ? "settle" : judgement.again() ? "postpone" : "end");
    log::error("settle_failed", {{"job", run.spec->id}, {"error", status.message()}});
    close_if_done(run.spec->number);
  } else if (judgement.answered()) {
    parts_.metrics.pairs_committed(static_cast<double>(settled));
    desk.pairs.add(static_cast<double>(settled));
    desk.pairs_stored += settled;
    if (settled < run.ready->queries()) jobs_->postponed(run.spec->number, run.ready->place.stream, judgement.utc_us);
    if (judgement.goes_on && !run.ready->until_accepted())
      jobs_->postponed_now(run.spec->number, run.ready->place.stream);
    ended(desk, settled + (judgement.goes_on ? 0 : run.ready->turns_left()));
  } else if (judgement.again()) {
    jobs_->postponed(run.spec->number, run.ready->place.stream, judgement.due_at_us);
    close_if_done(run.spec->number);
  } else {
    ended(desk, run.ready->queries() + run.ready->turns_left());
  }
  if (!run.by_batch) off_the_wire();  // a batch is off it when it is over
}

void Harvester::start_twins(const Candidate& candidate) {
  for (const Candidate::Sample& sample : candidate.samples) twins_.start(sample.identity);
}

/// `answered`: as many samples, from the first.
void Harvester::finish_twins(const QueryRun& run, size_t answered) {
  if (!run.twin) return;
  size_t i = 0;
  for (const Candidate::Sample& sample : run.candidate().samples) twins_.finish(sample.identity, i++ < answered);
}

void Harvester::off_the_wire() {
  assert(in_flight_ > 0);
  --in_flight_;
  end_drain();
}

void Harvester::end_drain() {
  if (draining_ && in_flight_ + batches_busy_ == 0 && drained_) std::exchange(drained_, nullptr)();
}

void Harvester::ended(JobDesk& desk, uint64_t queries) {
  assert(desk.remaining >= queries);
  desk.remaining -= queries;
  close_if_done(desk.spec->number);
}

/// Of a job that asks until accepted as the store has it by now, since nobody else counts what is decided of samples:
/// it may be decided while the job is on its way into memory. With nothing under way that is exact.
uint64_t Harvester::open_queries(const JobDesk& desk) const {
  if (desk.spec->samples_until == 0) return desk.remaining;
  const auto record = store_.reads().job(desk.spec->number);
  if (!record.ok()) return desk.remaining;
  return record->counters().queries() - store::ended(record->counters());
}

void Harvester::sample_decided(uint64_t job, uint32_t stream, bool ask) {
  if (jobs_->find(job) == nullptr) {
    // What is due is read when it is opened. It may have no query left that somebody could resume.
    if (!asleep_.contains(job)) return;
    const auto record = store_.reads().job(job);
    if (record.ok() && record->state() == v1::PAUSED)
      leave_paused(*record);
    else
      asleep_.erase(job);
    return;
  }
  ask ? jobs_->postponed_now(job, stream) : close_if_done(job);
}

void Harvester::close_if_done(uint64_t job) {
  JobDesk* desk = jobs_->find(job);
  if (desk == nullptr || desk->in_flight + desk->late_calls > 0) return;
  const bool leaving = std::any_of(desk->windows.begin(), desk->windows.end(),
                                   [](const StreamWindow& window) { return window.leaving > 0; });
  if (leaving) return;
  desk->remaining = open_queries(*desk);
  if (desk->remaining > 0 && !desk->cancelled) return;
  parts_.metrics.drop_job(desk->spec->id);
  budget_watch_.forget(absl::StrCat("job ", desk->spec->id, "/job"));
  if (desk->remaining == 0) log::info("job_finished", {{"job", desk->spec->id}});
  end_waits(*desk);
  jobs_->close(job);
}

}  // namespace harvest::flow

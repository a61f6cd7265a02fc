// The harvester's probe of a teacher: calls that belong to no job.
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/text/money.h"
#include "proto/text/time.h"
#include "service/flow/harvester.h"
#include "service/flow/probe_search.h"
#include "service/observe/log.h"

namespace harvest::flow {

namespace log = observe::log;

void Harvester::probe(const std::string& name, bool record, Probed done) {
  const std::optional<uint32_t> index = teacher_index(name);
  if (!index) return done(absl::NotFoundError(absl::StrCat("teacher ", name, " not found")));
  if (halted_)
    return done(absl::FailedPreconditionError("all asking is halted; `harvestctl halt --lift` comes before a probe"));
  if (draining_) return done(absl::UnavailableError("the service is stopping"));
  TeacherDesk& teacher = *teachers_[*index];
  if (absl::Status priced = check_priced(teacher.config(), text::day_of(utc_us())); !priced.ok()) return done(priced);
  ++in_flight_;
  boost::asio::co_spawn(parts_.lane, run_probe(teacher, record),
                        [this, done = std::move(done)](std::exception_ptr error, absl::StatusOr<v1::ProbeReply> reply) {
                          if (error) std::rethrow_exception(error);  // a broken invariant: crash
                          done(std::move(reply));
                          off_the_wire();
                        });
}

runtime::Task<absl::StatusOr<v1::ProbeReply>> Harvester::run_probe(TeacherDesk& teacher, bool record) {
  v1::ProbeReply reply;
  reply.set_teacher(teacher.config().name());
  reply.set_dialect(teacher.config().dialect());
  reply.set_profile(teacher.config().profile());

  ProbeSearch search(teacher.dialect(), teacher.config());
  ProbePlan asked;
  ProbeCall main;
  int64_t cost = 0;
  std::chrono::nanoseconds taken{};
  while (std::optional<ProbePlan> plan = search.next()) {
    absl::StatusOr<ProbeCall> call = co_await probe_once(teacher, *plan, kProbeTime - taken);
    if (!call.ok()) {
      // What was found is not lost with a call that may not be made now.
      if (!search.answered()) co_return call.status();
      search.stop(std::string(call.status().message()));
      break;
    }
    cost += call->cost_picodollars;
    taken += call->exchange.duration;
    reply.set_calls(reply.calls() + 1);
    search.heard(call->outcome);
    if (search.is_main()) {
      asked = *std::move(plan);
      main = *std::move(call);
    }
    if (taken >= kProbeTime) search.stop("the probe's time is up");
  }
  reply.set_endpoint(main.endpoint);
  reply.set_seconds(std::chrono::duration<double>(taken).count());
  report(main.exchange, main.outcome, reply);
  search.report(reply);
  reply.set_cost_usd(text::format_usd(cost));
  if (record)
    reply.set_golden_case_json(golden_cases(teacher.config(), asked, main.request, main.exchange, main.outcome));
  log::info("teacher_probed", {{"teacher", reply.teacher()}, {"outcome", reply.outcome()}, {"live", reply.live()}});
  if (!main.outcome.has_answer()) co_return reply;

  store::Change note{std::in_place_type<store::NoteVerification>, store::NoteVerification{reply.teacher(), {}}};
  v1::Verification& verification = std::get<store::NoteVerification>(note).verification;
  verification.set_at_us(utc_us());
  verification.set_live(reply.live());
  verification.set_model_reported(reply.model_reported());
  LaneStore::Result noted = co_await store_.applied(note);
  if (!noted.status.ok()) co_return noted.status;
  co_return reply;
}

namespace {

Candidate candidate_of(const ProbePlan& plan) {
  Candidate candidate;
  candidate.input_tokens_max = dialect::input_tokens_max(plan.prompt, plan.sampling);
  candidate.output_tokens_max = int64_t{plan.sampling.max_output_tokens()} * plan.choices;
  return candidate;
}

}  // namespace

limit::Demand Harvester::probe_demand(const TeacherDesk& teacher, const ProbePlan& plan) const {
  return teacher.demand(candidate_of(plan), plan.sampling, text::day_of(utc_us()));
}

runtime::Task<absl::StatusOr<Harvester::ProbeCall>> Harvester::probe_once(TeacherDesk& teacher, const ProbePlan& plan,
                                                                          std::chrono::nanoseconds time_max) {
  const Candidate candidate = candidate_of(plan);
  const limit::Demand demand = probe_demand(teacher, plan);
  const limit::Verdict verdict = teacher.may_go(demand, {}, now(), utc_us());
  if (!verdict.granted)
    co_return absl::ResourceExhaustedError(absl::StrCat("teacher ", teacher.config().name(), ": its limit of ",
                                                        std::string(limit::name_of(verdict.binding)),
                                                        " leaves no room for a probe now; try again later"));
  // A probe may look behind an open breaker, but does not close it.
  const std::optional<size_t> picked = teacher.line().endpoints.pick(now());
  const size_t endpoint = picked.value_or(0);
  const limit::Permit permit = teacher.take(demand, {}, now(), utc_us());

  teacher.metrics.attempt("probe");

  // As with every attempt: what it may cost is on disk before bytes leave.
  const int64_t bound = permit.reserved.cost_picodollars;
  store::Change reserve{
      std::in_place_type<store::BookCall>,
      store::BookCall{teacher.config().name(), permit.day, 1, {.at_risk_picodollars = bound}, utc_us()}};
  LaneStore::Result reserved = co_await store_.applied(reserve);
  if (!reserved.status.ok()) {
    if (picked) teacher.line().endpoints.forget(endpoint);
    teacher.settle(permit, {.unprocessed = true}, {}, now());
    co_return reserved.status;
  }

  ProbeCall call;
  call.endpoint = teacher.line().url(endpoint);
  call.request = teacher.dialect().encode(teacher.config(), plan.query());
  dialect::HttpRequest request = call.request;
  request.time_max = time_max;
  call.exchange = co_await teacher.line().ask(endpoint, std::move(request));
  call.outcome = teacher.dialect().decode(teacher.config(), call.exchange, utc_us());
  if (call.outcome.has_answer()) epoch_of(teacher, call.outcome, false);
  if (picked) teacher.learn(candidate, permit, endpoint, call.exchange, call.outcome, now());
  note_standing(teacher, call.outcome, permit.taken_at);

  const limit::Actual actual = teacher.actual(call.outcome, call.exchange.sent, plan.sampling, permit);
  teacher.settle(permit, actual, {}, now());
  call.cost_picodollars = actual.cost_picodollars;
  if (!actual.at_risk) {
    store::Change settle{std::in_place_type<store::BookCall>,
                         store::BookCall{teacher.config().name(),
                                         permit.day,
                                         0,
                                         {.spent_picodollars = actual.cost_picodollars,
                                          .at_risk_picodollars = -bound,
                                          .input_tokens = call.outcome.has_answer() ? actual.input_tokens : 0,
                                          .output_tokens = actual.output_tokens}}};
    LaneStore::Result settled = co_await store_.applied(settle);
    if (!settled.status.ok()) co_return settled.status;
  }
  co_return call;
}

}  // namespace harvest::flow

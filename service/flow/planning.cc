#include "service/flow/planning.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/text/age.h"
#include "proto/text/money.h"
#include "proto/text/time.h"
#include "service/dialect/registry/registry.h"
#include "service/flow/batch_route.h"
#include "service/flow/job_spec.h"
#include "service/flow/plan_allowance.h"
#include "service/flow/plan_sample.h"
#include "service/flow/why_facts.h"
#include "service/limit/utc_day.h"
#include "service/plan/plan.h"

namespace harvest::flow {

namespace {

constexpr int kSampleMax = 4096;  // prompts in all

absl::Status check_strata(const v1::PlanJobRequest& request) {
  int sampled = 0;
  for (const auto& stratum : request.strata()) {
    sampled += stratum.sample_size();
    if (stratum.sample().empty())
      return absl::InvalidArgumentError("strata: found one without a sample, expected some prompts of each");
    if (stratum.prompts() < static_cast<uint64_t>(stratum.sample_size()))
      return absl::InvalidArgumentError(absl::StrCat("strata: found a sample of ", stratum.sample_size(), " from ",
                                                     stratum.prompts(), " prompts, expected no more than there are"));
  }
  if (sampled == 0) return absl::InvalidArgumentError("strata: found no prompt, expected at least one to plan for");
  if (sampled > kSampleMax)
    return absl::InvalidArgumentError(
        absl::StrCat("strata: found samples of ", sampled, " prompts in all, expected at most ", kSampleMax));
  return absl::OkStatus();
}

plan::TeacherFacts facts_of(const v1::Teacher& teacher, const v1::TeacherStatus& status, const v1::Job& job,
                            const PlanSample& sample, int64_t utc_us) {
  plan::TeacherFacts facts{.name = teacher.name(),
                           .account = teacher.account().empty() ? teacher.name() : teacher.account(),
                           .allowance = allowance_of(status, job, utc_us)};
  const v1::TokenFigures& tokens = status.tokens();
  if (tokens.answers() > 0)
    facts.learned = plan::TeacherFacts::Learned{.answers = tokens.answers(),
                                                .output_median = static_cast<double>(tokens.output_tokens_median()),
                                                .output_p90 = static_cast<double>(tokens.output_tokens_p90())};
  facts.output_cap = output_cap(job.sampling(), teacher);
  facts.output_cap_counts = output_cap_counts(status);
  facts.online = sample.price("");
  facts.batch = sample.price("batch");
  const dialect::Dialect* dialect = dialect::find_dialect(teacher.dialect());
  facts.takes_batches = dialect != nullptr && dialect->batches(teacher) != nullptr;
  facts.batch_is_cheaper = sample.batch_is_cheaper();
  const auto deadline = text::parse_utc(job.deadline());
  facts.goes_by_batch = goes_by_batch({.route = job.route(),
                                       .takes_batches = facts.takes_batches,
                                       .cheaper = facts.batch_is_cheaper,
                                       .created_at_us = utc_us,
                                       .deadline_us = deadline.ok() ? *deadline : INT64_MAX},
                                      utc_us);
  facts.pilot_answers = sample.pilot_answers();
  return facts;
}

double dollars_in(const std::string& usd) {
  const auto amount = text::parse_usd(usd);
  return amount.ok() ? text::dollars_of(*amount) : 0;
}

std::vector<plan::Cap> caps_of(const std::string& owner, const std::vector<v1::BudgetStatus>& budgets, int64_t utc_us) {
  const uint32_t today = limit::day_of(utc_us);
  std::vector<plan::Cap> caps;
  for (const v1::BudgetStatus& budget : budgets) {
    if (budget.owner() != owner) continue;
    const double cap = dollars_in(budget.cap_usd());
    const double used =
        dollars_in(budget.spent_usd()) + dollars_in(budget.at_risk_usd()) + dollars_in(budget.reserved_usd());
    const uint32_t end = budget.period() == "month" ? limit::month_after(today) : today + 1;
    const limit::Instant left = limit::begin_of(end, limit::Instant::zero(), utc_us);
    caps.push_back({.owner = owner,
                    .period = budget.period(),
                    .usd = cap,
                    .left_usd = std::max(0.0, cap - used),
                    .seconds_to_end = std::chrono::duration<double>(left).count()});
  }
  return caps;
}

/// Where the job passes over what cannot be asked, so does its plan.
absl::StatusOr<std::vector<std::vector<v1::Prompt>>> askable(const Intake& intake, const v1::JobRecord& record,
                                                             const v1::PlanJobRequest& request) {
  std::vector<std::vector<v1::Prompt>> strata;
  for (const auto& stratum : request.strata()) {
    std::vector<v1::Prompt>& kept = strata.emplace_back();
    for (const v1::Prompt& prompt : stratum.sample()) {
      const absl::Status status = intake.check_prompt(record, prompt);
      if (status.ok())
        kept.push_back(prompt);
      else if (record.job().on_bad_line() != v1::SKIP || !absl::IsInvalidArgument(status))
        return absl::Status(status.code(), absl::StrCat("line ", prompt.line(), ": ", status.message()));
    }
    if (kept.empty()) kept.push_back(stratum.sample(0));  // cannot be asked: then it is merely not told of
  }
  return strata;
}

void note_rivals(const store::Store& store, const v1::Job& job, v1::Plan& plan) {
  int rivals = 0;
  for (const v1::JobRecord& other : store.jobs()) {
    if (other.state() != v1::RUNNING) continue;
    const auto& asked = other.job().teachers();
    rivals += std::any_of(job.teachers().begin(), job.teachers().end(), [&](const std::string& name) {
      return std::find(asked.begin(), asked.end(), name) != asked.end();
    });
  }
  if (rivals > 0)
    plan.add_notes(absl::StrCat(rivals, rivals == 1 ? " other job asks" : " other jobs ask",
                                " these teachers now: they share the limits, and the time will be longer"));
}

void note_turns(const v1::PlanJobRequest& request, v1::Plan& plan) {
  for (const auto& stratum : request.strata())
    for (const v1::Prompt& prompt : stratum.sample())
      if (prompt.later_turns_size() > 0) {
        plan.add_notes(
            "some prompts have several turns: of each only the first is foretold; a later one costs more, since all "
            "before it is sent again");
        return;
      }
}

/// What the request and its job say themselves.
plan::Facts facts_of(const v1::PlanJobRequest& request, int64_t utc_us) {
  const v1::Job& job = request.job();
  plan::Facts facts{
      .ask = job.ask(), .system_bytes = static_cast<double>(job.system().size()), .hedge_ratio = job.hedge_ratio_max()};
  for (const auto& stratum : request.strata())
    facts.strata.push_back({static_cast<double>(stratum.prompts()), static_cast<double>(stratum.bytes())});
  facts.repeated_prompts = request.repeated_prompts();
  if (const auto cap = text::parse_usd(job.max_cost_usd()); cap.ok()) facts.max_cost_usd = text::dollars_of(*cap);
  if (const auto deadline = text::parse_utc(job.deadline()); deadline.ok())
    facts.seconds_to_deadline = static_cast<double>(*deadline - utc_us) / 1e6;
  return facts;
}

double attempts_per_query(const v1::JobCounters& pilot) {
  if (pilot.attempts() <= pilot.retries()) return 1;
  return static_cast<double>(pilot.attempts()) / static_cast<double>(pilot.attempts() - pilot.retries());
}

}  // namespace

absl::StatusOr<v1::Plan> Planning::plan(const v1::PlanJobRequest& request, const Caller& caller) {
  v1::JobRecord record;
  *record.mutable_job() = request.job();
  const v1::Job& job = record.job();
  auto teachers = parts_.intake.check(job);
  if (!teachers.ok()) return teachers.status();
  record.mutable_pinned_teachers()->Add(teachers->begin(), teachers->end());
  if (absl::Status status = check_strata(request); !status.ok()) return status;
  const auto prompts = askable(parts_.intake, record, request);
  if (!prompts.ok()) return prompts.status();
  const auto pilot_job = find_pilot(request.pilot_job_id(), caller);
  if (!pilot_job.ok()) return pilot_job.status();
  const absl::StatusOr<PilotAnswers> pilot =
      pilot_job->id().empty() ? PilotAnswers() : PilotAnswers::of(parts_.store, *pilot_job);
  if (!pilot.ok()) return pilot.status();

  plan::Facts facts = facts_of(request, parts_.utc_us);
  facts.tenant_caps = caps_of(absl::StrCat("tenant ", caller.tenant), parts_.budgets, parts_.utc_us);
  ReuseTerms terms{.created_at_us = parts_.utc_us};
  if (const auto max_age = text::parse_age(job.max_age()); max_age.ok()) terms.max_age_us = *max_age;
  for (const v1::Teacher& teacher : *teachers) {
    auto sample = PlanSample::of({.store = parts_.store,
                                  .job = job,
                                  .tenant = caller.tenant,
                                  .pilot = *pilot,
                                  .pilot_job_id = pilot_job->id(),
                                  .may_reuse = parts_.may_reuse,
                                  .terms = terms,
                                  .utc_us = parts_.utc_us},
                                 teacher);
    if (!sample.ok()) return sample.status();
    std::vector<std::vector<plan::Sampled>> strata;
    for (const auto& stratum : *prompts) {
      strata.emplace_back();
      for (const v1::Prompt& prompt : stratum) strata.back().push_back(sample->look_at(prompt));
    }
    v1::TeacherStatus status;
    for (const v1::TeacherStatus& stands : parts_.teachers)
      if (stands.teacher().name() == teacher.name()) status = stands;
    plan::TeacherFacts& of = facts.teachers.emplace_back(facts_of(teacher, status, job, *sample, parts_.utc_us));
    of.strata = std::move(strata);
    of.caps = caps_of(absl::StrCat("teacher ", teacher.name()), parts_.budgets, parts_.utc_us);
    of.attempts_per_query = attempts_per_query(pilot_job->counters());
  }

  v1::Plan plan = plan::make_plan(facts);
  plan.set_made_at_us(parts_.utc_us);
  plan.set_prompts_sha256(request.prompts_sha256());
  if (!pilot_job->id().empty()) {
    plan.set_pilot_job_id(pilot_job->id());
    plan.set_pilot_cost_usd(text::format_usd(pilot_job->counters().spent_picodollars()));
    if (job.fresh()) plan.add_notes("the job is fresh: it asks again, and pays again, what the pilot asked");
  }
  note_rivals(parts_.store, job, plan);
  note_turns(request, plan);
  if (!job.until().empty())
    plan.add_notes(absl::StrCat("the job asks until a sample is accepted: it is foretold as if all ", job.samples(),
                                " were asked, and costs less where one is accepted before"));
  return plan;
}

absl::StatusOr<v1::JobRecord> Planning::find_pilot(const std::string& id, const Caller& caller) const {
  if (id.empty()) return v1::JobRecord();
  auto found = parts_.store.find_job(id);
  if (found.ok() && found->tenant() != caller.tenant) return absl::NotFoundError(absl::StrCat("there is no job ", id));
  return found;
}

}  // namespace harvest::flow

#include "service/plan/plan.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "service/plan/workload.h"

namespace harvest::plan {

namespace {

/// Vendors promise a batch within a day, and say no more.
constexpr Pace kBatchPace{.seconds = {0, 86'400, 86'400}, .binding = "batch"};

void put(const Interval& interval, v1::Range& range) {
  range.set_low(interval.low);
  range.set_expected(interval.expected);
  range.set_high(interval.high);
}

Interval longer(const Interval& a, const Interval& b) {
  return {std::max(a.low, b.low), std::max(a.expected, b.expected), std::max(a.high, b.high)};
}

/// All to every teacher; or, of FALLBACK, to each what all before it gave no answer to.
std::vector<Asked> asked_by(const Facts& facts) {
  std::vector<Asked> all;
  for (const TeacherFacts& teacher : facts.teachers) {
    Asked& asked = all.emplace_back(Asked{&teacher, {}});
    for (const auto& stratum : teacher.strata) asked.weights.emplace_back(stratum.size(), 1.0);
    if (facts.ask != v1::FALLBACK || all.size() == 1) continue;
    const Asked& before = all[all.size() - 2];
    for (size_t h = 0; h < asked.weights.size(); ++h)
      for (size_t i = 0; i < asked.weights[h].size(); ++i)
        asked.weights[h][i] = before.teacher->strata[h][i].ended ? before.weights[h][i] : 0;
  }
  return all;
}

/// The pace of each teacher; those of one account go through its limits together.
std::vector<Pace> paces_of(const std::vector<Asked>& asked, const std::vector<Workload>& work) {
  std::map<std::string, Load> accounts;
  for (size_t t = 0; t < asked.size(); ++t)
    if (!asked[t].teacher->goes_by_batch) accounts[asked[t].teacher->account] += work[t].load;
  std::vector<Pace> paces;
  for (const Asked& one : asked)
    paces.push_back(one.teacher->goes_by_batch ? kBatchPace
                                               : pace_of(accounts[one.teacher->account], one.teacher->allowance));
  return paces;
}

/// Of a SPREAD job each teacher takes what it has time for: as much as the speed at which it would do all of it.
void spread(const Facts& facts, std::vector<Asked>& asked) {
  std::vector<double> speeds;
  std::map<std::string, double> sharers;
  for (const Asked& one : asked) sharers[one.teacher->account] += 1;
  double sum = 0;
  for (const Asked& one : asked) {
    const double seconds = pace_of(workload_of(facts, one).load, one.teacher->allowance).seconds.expected;
    sum += speeds.emplace_back(1 / std::max(seconds, 1e-3) / sharers[one.teacher->account]);
  }
  for (size_t t = 0; t < asked.size(); ++t)
    for (auto& stratum : asked[t].weights) std::fill(stratum.begin(), stratum.end(), speeds[t] / sum);
}

void add_part(const TeacherFacts& teacher, const Workload& work, const Pace& pace, bool by_batch, v1::Plan& plan) {
  v1::Plan::Part& part = *plan.add_parts();
  part.set_teacher(teacher.name);
  part.set_route(by_batch ? "batch" : "online");
  part.set_queries(static_cast<uint64_t>(work.queries.expected + 0.5));
  put(by_batch ? work.batch_cost_usd : work.cost_usd, *part.mutable_cost_usd());
  put(pace.seconds, *part.mutable_seconds());
  put(work.load.input_tokens, *part.mutable_input_tokens());
  put(work.load.output_tokens, *part.mutable_output_tokens());
  part.set_binding(std::string(pace.binding));
  part.set_pilot_answers(teacher.pilot_answers);
  part.set_basis(std::string(work.basis));
}

/// For one that must be made: calls slower than the p99 of their teacher get a second one, no more than the job allows.
double paid_calls(const Facts& facts) {
  constexpr double kSlowerThanP99 = 0.01;
  return 1 + std::min(facts.hedge_ratio, kSlowerThanP99);
}

/// Of all teachers together. Prompts that are dear at one are dear at others: where all were measured, the sum is
/// foretold prompt by prompt.
Interval total_cost(const Facts& facts, const std::vector<Asked>& asked, const std::vector<Workload>& work) {
  if (is_measured(facts, asked))
    return total_of(
        facts, asked,
        [calls = paid_calls(facts)](const TeacherFacts& teacher, const Sampled& sampled, const Take& take) {
          Figure cost = cost_of(teacher.goes_by_batch)(teacher, sampled, take);
          if (!teacher.goes_by_batch) cost = {cost.by_bytes * calls, cost.by_prompt * calls};
          return cost;
        },
        true);
  Interval sum;
  for (size_t t = 0; t < asked.size(); ++t)
    sum += asked[t].teacher->goes_by_batch ? work[t].batch_cost_usd : work[t].cost_usd;
  return sum;
}

double known_share(const Facts& facts) {
  double all = 0, known = 0;
  for (const TeacherFacts& teacher : facts.teachers)
    for (size_t h = 0; h < facts.strata.size(); ++h) {
      double of_sample = 0;
      for (const Sampled& sampled : teacher.strata[h]) of_sample += sampled.known ? 1 : 0;
      all += facts.strata[h].prompts;
      known += facts.strata[h].prompts * of_sample / static_cast<double>(teacher.strata[h].size());
    }
  return all > 0 ? known / all : 0;
}

void note_teacher(const TeacherFacts& teacher, const Workload& work, v1::Plan& plan) {
  if (work.queries.high <= 0) return;  // nothing is left to be asked
  const std::string name = absl::StrCat("teacher ", teacher.name, ": ");
  if (work.basis == "bounds")
    plan.add_notes(absl::StrCat(name, "none of its answers is known: from nothing to the output cap of ",
                                teacher.output_cap, " tokens each; a pilot would tell"));
  if (work.basis == "learned")
    plan.add_notes(absl::StrCat(name, "foretold from what it answered to other prompts; a pilot would tell more"));
  const Allowance& allowance = teacher.allowance;
  std::vector<std::string> unstated;
  if (!allowance.requests) unstated.push_back("requests");
  if (!allowance.input_tokens && !allowance.tokens) unstated.push_back("input_tokens");
  if (!allowance.output_tokens && !allowance.tokens) unstated.push_back("output_tokens");
  if (!unstated.empty() && !teacher.goes_by_batch)
    plan.add_notes(absl::StrCat(name, "no limit is stated for ", absl::StrJoin(unstated, ", "),
                                ": found while it runs, and the time may then be longer"));
  if (teacher.goes_by_batch)
    plan.add_notes(absl::StrCat(name, "a batch is promised within a day; most come sooner, and no vendor says when"));
  else if (teacher.takes_batches && teacher.batch_is_cheaper)
    plan.add_notes(absl::StrCat(name, "the batch line is an alternative (--route batch, or auto) and in no total"));
}

/// Caps make it longer, and say so. True where one of them decides how long it takes.
bool stand_under(const std::vector<Cap>& caps, const Interval& cost, Interval& seconds, v1::Plan& plan) {
  bool binds = false;
  for (const Cap& cap : caps) {
    if (const std::string note = note_of(cap, cost); !note.empty()) plan.add_notes(note);
    const Interval waits = seconds_under(cap, cost);
    binds |= waits.expected > seconds.expected;
    seconds = longer(seconds, waits);
  }
  return binds;
}

void note_job(const Facts& facts, const Interval& cost, const Interval& seconds, v1::Plan& plan) {
  if (facts.max_cost_usd && cost.high > *facts.max_cost_usd) {
    const bool stops = cost.expected > *facts.max_cost_usd;
    plan.add_notes(absl::StrFormat("the job's cap of $%.2f %s at about %.0f %% of its queries", *facts.max_cost_usd,
                                   stops ? "will stop it" : "may stop it",
                                   100 * std::min(1.0, *facts.max_cost_usd / (stops ? cost.expected : cost.high))));
    if (stops) plan.set_binding("job_budget");
  }
  if (facts.seconds_to_deadline && seconds.high > *facts.seconds_to_deadline)
    plan.add_notes(seconds.expected > *facts.seconds_to_deadline ? "the deadline will pass before it is done"
                                                                 : "the deadline may pass before it is done");
}

}  // namespace

v1::Plan make_plan(const Facts& facts) {
  v1::Plan plan;
  std::vector<Asked> asked = asked_by(facts);
  if (facts.ask == v1::SPREAD) spread(facts, asked);
  std::vector<Workload> work;
  for (const Asked& one : asked) work.push_back(workload_of(facts, one));
  std::vector<Pace> paces = paces_of(asked, work);
  Interval seconds;
  for (size_t t = 0; t < asked.size(); ++t) {
    const TeacherFacts& teacher = *asked[t].teacher;
    if (!teacher.goes_by_batch) work[t].cost_usd = work[t].cost_usd * paid_calls(facts);
    const Interval& cost = teacher.goes_by_batch ? work[t].batch_cost_usd : work[t].cost_usd;
    if (stand_under(teacher.caps, cost, paces[t].seconds, plan)) paces[t].binding = "teacher_budget";
    add_part(teacher, work[t], paces[t], teacher.goes_by_batch, plan);
    if (!teacher.goes_by_batch && teacher.takes_batches && teacher.batch_is_cheaper)
      add_part(teacher, work[t], kBatchPace, true, plan);
    note_teacher(teacher, work[t], plan);
    // Teachers work side by side: the longest counts.
    if (paces[t].seconds.expected >= seconds.expected) plan.set_binding(std::string(paces[t].binding));
    seconds = longer(seconds, paces[t].seconds);
  }
  const Interval cost = total_cost(facts, asked, work);
  if (stand_under(facts.tenant_caps, cost, seconds, plan)) plan.set_binding("tenant_budget");
  put(cost, *plan.mutable_cost_usd());
  put(seconds, *plan.mutable_seconds());
  double prompts = static_cast<double>(facts.repeated_prompts);
  for (const PromptSize& size : facts.strata) prompts += size.prompts;
  plan.set_prompts(static_cast<uint64_t>(prompts));
  plan.set_repeated_prompts(facts.repeated_prompts);
  plan.set_known_share(known_share(facts));
  note_job(facts, cost, seconds, plan);
  return plan;
}

}  // namespace harvest::plan

#include "service/flow/advice.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "proto/text/money.h"
#include "service/flow/limit_advice.h"
#include "service/flow/wait_cause.h"
#include "storage/corpus/until_rule.h"

namespace harvest::flow {

namespace {

constexpr double kShareWorthSaying = 0.1;

/// What the rest would cost at the price so far, with a tenth for luck, in whole cents.
std::string on_job_budget(const WhyFacts& facts) {
  const v1::JobRecord& record = facts.job.record();
  const v1::JobCounters& counters = record.counters();
  const std::string have = absl::StrCat("of its cap of $", facts.job.max_cost_usd(), ", $", facts.job.spent_usd(),
                                        " are spent and $", facts.job.at_risk_usd(), " at risk");
  if (has_ended(facts.job)) return absl::StrCat(have, ": a larger cap would have let more be under way at once");
  const uint64_t left = facts.job.waiting() + facts.job.in_flight();
  const uint64_t paid = counters.answered() + counters.refused() - counters.reused();
  const std::string retune = absl::StrCat("`harvestctl jobs retune ", record.id(), " --max-cost ");
  if (paid == 0 || counters.spent_picodollars() == 0)
    return absl::StrCat(have, " and ", left, " queries wait, the next of which may cost more than is left: ", retune,
                        "USD`, or lower max_output_tokens, which bounds the cost of an answer");
  constexpr int64_t kCent = text::kPicodollarsPerDollar / 100;
  const double each = static_cast<double>(counters.spent_picodollars()) / static_cast<double>(paid);
  const int64_t rest = std::llround(1.1 * each * static_cast<double>(left));
  const int64_t need = counters.spent_picodollars() + counters.at_risk_picodollars() + rest;
  return absl::StrCat(have, " and ", left, " queries wait, for some $", text::format_usd_short(rest),
                      " at the price so far: ", retune, text::format_usd((need + kCent - 1) / kCent * kCent), "`");
}

std::string on_backoff(const v1::TeacherStatus& teacher) {
  const std::string trouble = trouble_of(teacher);
  if (teacher.throttled() > 0)
    return absl::StrCat("teacher ", teacher.teacher().name(), " throttled ", teacher.throttled(),
                        " calls: state its limits as the vendor grants them, or see who else uses the account",
                        trouble.empty() ? "" : absl::StrCat("; ", trouble));
  return trouble.empty()
             ? ""
             : absl::StrCat("calls of teacher ", teacher.teacher().name(), " fail and are made again: ", trouble);
}

std::string on_breaker(const v1::TeacherStatus& teacher) {
  const std::string trouble = trouble_of(teacher);
  return trouble.empty()
             ? ""
             : absl::StrCat("no endpoint of teacher ", teacher.teacher().name(), " answers: see to ", trouble);
}

std::string on_fairness(const v1::TeacherStatus& teacher, const WhyFacts& facts) {
  const auto others = facts.other_jobs.find(teacher.teacher().name());
  if (others == facts.other_jobs.end() || has_ended(facts.job) || facts.job.record().job().priority() == v1::HIGH)
    return "";
  return absl::StrCat(others->second, others->second == 1 ? " other job shares" : " other jobs share", " teacher ",
                      teacher.teacher().name(), ": `harvestctl jobs retune ", facts.job.record().id(),
                      " --priority high` gives this one more of it");
}

std::string on_teacher(const v1::TeacherStatus& teacher) {
  if (teacher.tokens().answers() == 0) return "";
  if (teacher.tokens().output_tokens_median() == 0)
    return absl::StrCat("most answers of teacher ", teacher.teacher().name(),
                        " are cut off at the output cap: state a larger one, and buy those anew by `harvestctl jobs "
                        "retry JOB --where truncated --max-output N`");
  return absl::StrCat("nothing held the job back at teacher ", teacher.teacher().name(), " but its answers (",
                      teacher.tokens().output_tokens_median(),
                      " tokens in the median): shorter ones are faster, or a second teacher that you are entitled to");
}

std::string on_batch(const v1::TeacherStatus& teacher, const WhyFacts& facts) {
  if (has_ended(facts.job)) return "";
  return absl::StrCat(facts.job.in_batches(), " queries are with teacher ", teacher.teacher().name(),
                      " in batches, which take as long as the vendor likes: a job with --route online is answered at "
                      "once, at the price of calls");
}

std::string on_disk(const WhyFacts& facts) {
  return absl::StrCat("there was no room to keep answers: free space where data_dir is (", facts.free_bytes >> 20,
                      " MB are free), or lower the floor");
}

std::string on_stop(const WhyFacts& facts, const v1::TeacherStatus* teacher) {
  const v1::JobRecord& record = facts.job.record();
  if (has_ended(facts.job)) return "";
  if (facts.job.service_halted()) return "the service is halted: `harvestctl halt --lift` lets it ask again";
  if (teacher != nullptr && (teacher->halted() || teacher->paused()))
    return absl::StrCat("teacher ", teacher->teacher().name(), teacher->halted() ? " is halted: " : " is paused: ",
                        teacher->halted() ? teacher->halt_reason() : teacher->pause_reason(),
                        "; once that is over, `harvestctl teachers resume ", teacher->teacher().name(), "`");
  if (record.state() == v1::PAUSED)
    return absl::StrCat("the job is paused: ", record.reason(), "; once that is over, `harvestctl jobs resume ",
                        record.id(), "`");
  return "";
}

/// A bound that the job was given, other than its budget.
std::string on_own_bound(const std::string& word, const WhyFacts& facts) {
  if (has_ended(facts.job)) return "";
  return absl::StrCat("the job's own bound holds it (", word, "): `harvestctl jobs retune ", facts.job.record().id(),
                      "` raises it with --concurrency or --ceiling");
}

std::string on_tenant_budget(const WhyFacts& facts) {
  return absl::StrCat("the budget of tenant ", facts.job.record().tenant(),
                      " is used up (`harvestctl status` shows it): raise its max_cost_usd_per_day or _per_month, or "
                      "wait for the next at midnight UTC");
}

/// Answers that are there wait to be judged; who brings in the verdicts decides how fast.
std::string on_labels(const WhyFacts& facts) {
  if (has_ended(facts.job)) return "";
  const v1::Job& job = facts.job.record().job();
  const auto rule = corpus::UntilRule::parse(job.until());
  if (!rule.ok() || rule->awaited().empty()) return "";
  return absl::StrCat("samples wait for verdicts of ", absl::StrJoin(rule->awaited(), ", "),
                      " on those before them: `harvestctl labels import FILE --dataset ", job.dataset(),
                      "` brings them in");
}

std::string advice_on(const v1::Explanation::Cause& cause, const WhyFacts& facts) {
  const std::string& word = cause.cause();
  const v1::TeacherStatus* teacher = find_teacher(facts, cause.teacher());
  if (word == "job_budget") return on_job_budget(facts);
  if (word == "tenant_budget") return on_tenant_budget(facts);
  if (word.starts_with("job_")) return on_own_bound(word, facts);
  if (word == cause::kDisk) return on_disk(facts);
  if (word == cause::kLabels) return on_labels(facts);
  if (word == cause::kHalt || word == cause::kPause) return on_stop(facts, teacher);
  if (teacher == nullptr) return "";
  if (word == "backoff") return on_backoff(*teacher);
  if (word == "breaker") return on_breaker(*teacher);
  if (word == cause::kFairness) return on_fairness(*teacher, facts);
  if (word == cause::kTeacher) return on_teacher(*teacher);
  if (word == cause::kBatch) return on_batch(*teacher, facts);
  return limit_advice(word, *teacher, facts);
}

}  // namespace

std::vector<std::string> advice(const v1::Explanation& explanation, const WhyFacts& facts) {
  std::vector<std::string> sentences;
  const bool paused = facts.job.record().state() == v1::PAUSED;
  for (const v1::Explanation::Cause& cause : explanation.causes()) {
    const bool holds = paused && cause.cause() == cause_of_pause(facts.job.record().reason());
    if (cause.share() < kShareWorthSaying && !holds) continue;
    std::string sentence = advice_on(cause, facts);
    if (!sentence.empty() && std::find(sentences.begin(), sentences.end(), sentence) == sentences.end())
      sentences.push_back(std::move(sentence));
  }
  return sentences;
}

}  // namespace harvest::flow

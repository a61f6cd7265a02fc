#include "service/flow/wait_figures.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "proto/text/money.h"
#include "service/flow/wait_cause.h"
#include "storage/corpus/until_rule.h"

namespace harvest::flow {

namespace {

std::string rate_of(const v1::TeacherStatus& teacher, const std::string& cause) {
  const std::optional<KnownLimit> limit = limit_of(teacher, cause);
  return limit ? absl::StrCat(limit->figure, " a minute", limit->found ? ", as found out" : "") : "";
}

std::string answers_of(const v1::TeacherStatus& teacher) {
  const v1::TokenFigures& tokens = teacher.tokens();
  if (tokens.answers() == 0) return "";
  if (tokens.output_tokens_median() == 0) return "most of its answers are cut off at the cap";
  return absl::StrCat("its answers have ", tokens.output_tokens_median(), " tokens in the median, ",
                      tokens_told(tokens.output_tokens_p99()), " at p99");
}

std::string joined(const std::string& first, const std::string& second) {
  return absl::StrCat(first, first.empty() || second.empty() ? "" : "; ", second);
}

/// What its samples wait for.
std::string awaited_by(const v1::Job& job) {
  const auto rule = corpus::UntilRule::parse(job.until());
  if (!rule.ok() || rule->awaited().empty()) return "its answers are being labelled";
  return absl::StrCat("verdicts of ", absl::StrJoin(rule->awaited(), ", "), " are to be brought in");
}

/// Of what holds the whole job.
std::string figures_of_job(const std::string& cause, const WhyFacts& facts) {
  const v1::JobStatus& job = facts.job;
  if (cause == "job_budget")
    return absl::StrCat("$", job.spent_usd(), " of $", job.max_cost_usd(), " spent, $", job.at_risk_usd(), " at risk");
  if (cause == cause::kSubmission) return "its prompts came in";
  if (cause == cause::kIdle) return "no service ran, or it had ended and went on later";
  if (cause == cause::kTwin) return "identical queries are under way";
  if (cause == cause::kLabels) return awaited_by(facts.job.record().job());
  if (cause == cause::kStore) return "its queries were read, or answers that were known";
  if (cause == cause::kDisk) return absl::StrCat(facts.free_bytes >> 20, " MB free");
  if (cause == cause::kHalt && job.service_halted()) return "the service is halted";
  return cause == cause::kPause || cause == cause::kHalt ? job.record().reason() : "";
}

std::string figures_at(const std::string& cause, const v1::TeacherStatus& teacher, const WhyFacts& facts) {
  const v1::Teacher& config = teacher.teacher();
  if (cause == "requests" || cause == "input_tokens") return rate_of(teacher, cause);
  if (cause == "output_tokens" || cause == "tokens")
    return joined(rate_of(teacher, cause),
                  joined(absl::StrCat("the cap is ", output_cap(facts.job, teacher), " each"), answers_of(teacher)));
  if (cause == "requests_per_day") {
    const std::optional<KnownLimit> limit = limit_of(teacher, cause);
    return absl::StrCat(teacher.requests_today(), limit ? absl::StrCat(" of ", limit->figure) : "", " today");
  }
  if (cause == "concurrency") {
    const std::optional<KnownLimit> limit = limit_of(teacher, cause);
    return limit ? absl::StrCat(limit->figure, " at once") : "";
  }
  if (cause == "teacher_budget")
    return absl::StrCat("$", teacher.spent_today_usd(), " of $", config.max_cost_usd_per_day(), " spent today, $",
                        teacher.at_risk_today_usd(), " at risk");
  if (cause == "backoff" && teacher.throttled() > 0)
    return joined(absl::StrCat(teacher.throttled(), " calls were throttled"), trouble_of(teacher));
  if (cause == "backoff" || cause == "breaker") return trouble_of(teacher);
  if (cause == "learning") return "no limit is stated";
  if (cause == cause::kFairness) {
    const auto others = facts.other_jobs.find(config.name());
    const uint64_t count = others == facts.other_jobs.end() ? 0 : others->second;
    return absl::StrCat(count, count == 1 ? " other job asks it now" : " other jobs ask it now");
  }
  if (cause == cause::kTeacher) return joined("all that could be asked was under way", answers_of(teacher));
  if (cause == cause::kBatch) return absl::StrCat(facts.job.in_batches(), " queries in batches now");
  if (cause == cause::kHalt && teacher.halted()) return teacher.halt_reason();
  if (cause == cause::kPause && teacher.paused()) return teacher.pause_reason();
  return figures_of_job(cause, facts);
}

}  // namespace

std::string figures_of(const std::string& cause, const v1::TeacherStatus* teacher, const WhyFacts& facts) {
  return teacher == nullptr ? figures_of_job(cause, facts) : figures_at(cause, *teacher, facts);
}

}  // namespace harvest::flow

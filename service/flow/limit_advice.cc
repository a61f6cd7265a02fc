#include "service/flow/limit_advice.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"

namespace harvest::flow {

namespace {

/// A teacher and the job that waited for it.
struct Case {
  const WhyFacts& facts;
  const v1::TeacherStatus& teacher;
  const std::string& name() const { return teacher.teacher().name(); }
  const v1::Job& job() const { return facts.job.record().job(); }
};

/// "requests bind at teacher t (600 a minute): "
std::string bound(const Case& at, std::string_view what, const char* dimension) {
  const std::optional<KnownLimit> limit = limit_of(at.teacher, dimension);
  const std::string figure =
      limit ? absl::StrCat(" (", limit->figure, " a minute", limit->found ? ", as found out)" : ")") : "";
  return absl::StrCat(std::string(what), " bind at teacher ", at.name(), figure, ": ");
}

/// Where prices say that batches cost less: vendors count them apart.
std::string by_batch(const Case& at) {
  if (at.job().route() != v1::ONLINE) return "";
  for (const v1::SpecialPrices& special : at.teacher.prices_in_force().special())
    if (special.route() == "batch" && !special.input_usd_per_mtok().empty())
      return absl::StrCat("; by --route batch its limits are others, at $", special.input_usd_per_mtok(),
                          " instead of $", at.teacher.prices_in_force().input_usd_per_mtok(),
                          " a million input tokens");
  return "";
}

std::string on_requests(const Case& at) {
  return absl::StrCat(bound(at, "requests", "requests"),
                      "where the vendor grants you more, state it as limits.requests_per_minute; a second teacher that "
                      "you are entitled to takes its part with --ask spread",
                      by_batch(at));
}

std::string on_input_tokens(const Case& at) {
  const uint64_t median = at.teacher.tokens().input_tokens_median();
  if (at.teacher.tokens().answers() == 0) return "";
  const size_t system = at.job().system().size();
  const std::string shorter = system > 0 ? absl::StrCat("shorten the system text, ", system, " bytes of each, or")
                                         : std::string("shorten the prompts, or");
  return absl::StrCat(bound(at, "input tokens", "input_tokens"), "a query has ", median, " in the median: ", shorter,
                      " state a larger limit where the vendor grants one", by_batch(at));
}

/// Half as much again as the p99, in two figures: few answers are cut, and people can read it.
uint64_t cap_near(uint64_t p99) {
  const double wanted = 1.5 * static_cast<double>(std::max<uint64_t>(p99, 1));
  const double step = std::pow(10, std::max(0.0, std::floor(std::log10(wanted)) - 1));
  return static_cast<uint64_t>(std::ceil(wanted / step) * step);
}

/// Of the limit that answers weigh on: one of their own, or one of all tokens.
std::string on_answers(const Case& at, const char* words, const char* dimension) {
  const v1::TokenFigures& tokens = at.teacher.tokens();
  if (tokens.answers() == 0) return "";
  const uint64_t cap = output_cap(at.facts.job, at.teacher);
  const uint64_t lower = cap_near(tokens.output_tokens_p99());
  const bool cap_counts = output_cap_counts(at.teacher);
  if (cap_counts && tokens.output_tokens_p99() > 0 && lower < cap)
    return absl::StrCat(bound(at, words, dimension), "lower max_output_tokens from ", cap, " to ", lower,
                        "; p99 of its answers is ", tokens.output_tokens_p99());
  if (!cap_counts)
    return absl::StrCat(bound(at, words, dimension), "its answers have ", tokens_told(tokens.output_tokens_median()),
                        " in the median, and what is generated counts, not the cap: only shorter answers, or a larger "
                        "limit where the vendor grants one, help");
  return absl::StrCat(bound(at, words, dimension), "its answers have ", tokens_told(tokens.output_tokens_median()),
                      " in the median, and the cap of ", cap,
                      " is near their p99, or cuts them off: only shorter answers, or a larger limit where the vendor "
                      "grants one, help");
}

std::string on_output_tokens(const Case& at) {
  return on_answers(at, "output tokens", "output_tokens");
}

std::string on_tokens(const Case& at) {
  return on_answers(at, "tokens, of input and output together,", "tokens");
}

std::string on_requests_per_day(const Case& at) {
  const std::optional<KnownLimit> limit = limit_of(at.teacher, "requests_per_day");
  return absl::StrCat("the day's requests of teacher ", at.name(), " are used up (", at.teacher.requests_today(),
                      limit ? absl::StrCat(" of ", limit->figure) : "",
                      "): it is asked again when the vendor's day is over");
}

std::string on_concurrency(const Case& at) {
  const std::optional<KnownLimit> limit = limit_of(at.teacher, "concurrency");
  if (limit)
    return absl::StrCat("concurrency binds at teacher ", at.name(), " (", limit->figure,
                        " at once): raise limits.concurrency where the teacher takes more");
  return absl::StrCat("concurrency binds at teacher ", at.name(), " (", at.teacher.in_flight(),
                      " in flight): state limits.concurrency where it takes more, and see harvest.concurrency_max");
}

std::string on_teacher_budget(const Case& at) {
  const v1::Teacher& teacher = at.teacher.teacher();
  const auto used = [](const char* period, const std::string& spent, const std::string& cap, const std::string& risk) {
    return cap.empty() ? "" : absl::StrCat(" (", period, ": $", spent, " of $", cap, " spent, $", risk, " at risk)");
  };
  return absl::StrCat(
      "the budget of teacher ", at.name(), " is used up",
      used("day", at.teacher.spent_today_usd(), teacher.max_cost_usd_per_day(), at.teacher.at_risk_today_usd()),
      used("month", at.teacher.spent_month_usd(), teacher.max_cost_usd_per_month(), at.teacher.at_risk_month_usd()),
      ": raise max_cost_usd_per_day or _per_month, or wait for the next at midnight UTC");
}

std::string on_learning(const Case& at) {
  return absl::StrCat("nothing is known of teacher ", at.name(),
                      "'s limits, so its rate is being found: state them as the vendor grants them");
}

}  // namespace

std::string limit_advice(const std::string& dimension, const v1::TeacherStatus& teacher, const WhyFacts& facts) {
  using Advice = std::string (*)(const Case&);
  static const std::map<std::string, Advice> kAdvice{{"requests", on_requests},
                                                     {"input_tokens", on_input_tokens},
                                                     {"output_tokens", on_output_tokens},
                                                     {"tokens", on_tokens},
                                                     {"requests_per_day", on_requests_per_day},
                                                     {"concurrency", on_concurrency},
                                                     {"teacher_budget", on_teacher_budget},
                                                     {"learning", on_learning}};
  const auto found = kAdvice.find(dimension);
  return found == kAdvice.end() ? "" : found->second({facts, teacher});
}

}  // namespace harvest::flow

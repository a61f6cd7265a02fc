#include "service/flow/why_facts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "service/limit/figure.h"

namespace harvest::flow {

namespace {

std::optional<KnownLimit> known(bool stated, uint64_t limit, const v1::FoundLimits::Rate& told, uint64_t found) {
  if (stated) return KnownLimit{limit};
  if (told.told_per_minute() > 0) return KnownLimit{told.told_per_minute()};
  return found > 0 ? std::optional<KnownLimit>({found, true}) : std::nullopt;
}

}  // namespace

const v1::TeacherStatus* find_teacher(const WhyFacts& facts, std::string_view name) {
  const auto found = std::find_if(facts.teachers.begin(), facts.teachers.end(),
                                  [name](const v1::TeacherStatus& status) { return status.teacher().name() == name; });
  return found == facts.teachers.end() ? nullptr : &*found;
}

bool has_ended(const v1::JobStatus& job) {
  return job.record().state() == v1::FINISHED || job.record().state() == v1::CANCELLED;
}

std::optional<KnownLimit> limit_of(const v1::TeacherStatus& teacher, std::string_view dimension) {
  const v1::Limits& stated = teacher.teacher().limits();
  const v1::FoundLimits& found = teacher.found_limits();
  if (dimension == "requests")
    return known(stated.has_requests_per_minute(), stated.requests_per_minute(), found.requests(),
                 found.requests_per_minute());
  const bool joint = limit::tokens_are_joint(stated);
  if (dimension == "tokens" && joint)
    return known(stated.has_tokens_per_minute(), stated.tokens_per_minute(), found.input_tokens(),
                 found.input_tokens_per_minute());
  if (dimension == "input_tokens" && !joint)
    return known(stated.has_input_tokens_per_minute(), stated.input_tokens_per_minute(), found.input_tokens(),
                 found.input_tokens_per_minute());
  if (dimension == "output_tokens")
    return known(stated.has_output_tokens_per_minute(), stated.output_tokens_per_minute(), found.output_tokens(),
                 found.output_tokens_per_minute());
  if (dimension == "requests_per_day") return known(stated.has_requests_per_day(), stated.requests_per_day(), {}, 0);
  if (dimension == "concurrency") return known(stated.has_concurrency(), stated.concurrency(), {}, found.in_flight());
  return std::nullopt;
}

uint64_t output_cap(const v1::JobStatus& job, const v1::TeacherStatus& teacher) {
  const uint64_t stated = job.record().job().sampling().max_output_tokens();
  return stated > 0 ? stated : teacher.teacher().default_max_output_tokens();
}

bool output_cap_counts(const v1::TeacherStatus& teacher) {
  const v1::Limits& limits = teacher.teacher().limits();
  return !limits.has_output_cap_counts() || limits.output_cap_counts();
}

std::string trouble_of(const v1::TeacherStatus& teacher) {
  const v1::EndpointStatus* worst = nullptr;
  for (const v1::EndpointStatus& endpoint : teacher.endpoints())
    if (!endpoint.last_error().empty() &&
        (worst == nullptr || endpoint.failures_in_a_row() > worst->failures_in_a_row()))
      worst = &endpoint;
  if (worst == nullptr) return "";
  return absl::StrCat(worst->url(), ": ", worst->last_error(), " (", worst->failures_in_a_row(),
                      worst->failures_in_a_row() == 1 ? " failure" : " failures", " in a row)");
}

}  // namespace harvest::flow

#include "service/flow/job_spec.h"

#include <algorithm>
#include <cassert>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "proto/text/age.h"
#include "proto/text/time.h"
#include "service/dialect/registry/registry.h"
#include "service/flow/settlement.h"
#include "service/flow/truncated_retry.h"
#include "service/price/price_book.h"
#include "service/rights/alerts.h"
#include "service/rights/rights.h"

namespace harvest::flow {

namespace {

absl::StatusOr<int64_t> deadline_of(const v1::Job& job) {
  return job.deadline().empty() ? INT64_MAX : text::parse_utc(job.deadline());
}

}  // namespace

absl::StatusOr<std::shared_ptr<const JobSpec>> make_job_spec(const v1::JobRecord& record, const FindTeacher& find) {
  auto spec = std::make_shared<JobSpec>();
  spec->number = record.number();
  spec->id = record.id();
  spec->tenant = record.tenant();
  spec->principal = record.principal();
  spec->created_at_us = record.created_at_us();
  spec->job = record.job();
  spec->prompts = record.counters().prompts();
  spec->prompt_kind = absl::HashOf(record.job().template_(), record.job().system(), record.job().dataset());
  spec->samples = store::ordinals_per_prompt(record.job());
  if (!record.job().until().empty()) spec->samples_until = std::max(1u, record.job().samples());
  auto deadline = deadline_of(record.job());
  if (!deadline.ok()) return deadline.status();
  spec->deadline_us = *deadline;
  spec->any_whole_answer = is_truncated_retry(record.submission_id());
  if (!record.job().max_age().empty()) {
    auto max_age = text::parse_age(record.job().max_age());
    if (!max_age.ok()) return max_age.status();
    spec->max_age_us = *max_age;
  }
  for (const v1::Teacher& pinned : record.pinned_teachers()) {
    const auto found = find(pinned.name());
    if (!found)
      return absl::FailedPreconditionError(absl::StrCat("teacher ", pinned.name(), " is no longer configured"));
    const v1::Teacher& config = *found->config;
    if (config.model() != pinned.model() || config.model_revision() != pinned.model_revision() ||
        config.dialect() != pinned.dialect())
      return absl::FailedPreconditionError(absl::StrCat("teacher ", pinned.name(), " is now ", config.model(), " ",
                                                        config.model_revision(), ", the job was submitted for ",
                                                        pinned.model(), " ", pinned.model_revision()));
    const dialect::Dialect* dialect = dialect::find_dialect(config.dialect());
    if (dialect == nullptr)
      return absl::FailedPreconditionError(absl::StrCat("dialect ", config.dialect(), " is not known"));
    spec->teachers.push_back(
        {found->index, found->account, config, dialect, std::make_shared<store::Stamp>(make_stamp(*spec, config))});
  }
  return spec;
}

std::shared_ptr<const JobSpec> retuned(const JobSpec& spec, const v1::Job& job) {
  auto changed = std::make_shared<JobSpec>(spec);
  changed->job = job;
  // Invariant: Control lets no malformed deadline in.
  auto deadline = deadline_of(job);
  assert(deadline.ok());
  changed->deadline_us = *deadline;
  return changed;
}

namespace {

absl::Status may_ask_despite(std::span<const v1::RightsAlert> alerts, const JobSpec& spec) {
  absl::Status status;
  size_t free = 0;
  for (const JobSpec::AskedTeacher& asked : spec.teachers) {
    absl::Status one = rights::may_ask_despite(alerts, asked.config, spec.job.use());
    one.ok() ? ++free : 0;
    status.Update(one);
  }
  return spec.job.ask() == v1::FALLBACK && free > 0 ? absl::OkStatus() : status;
}

}  // namespace

absl::Status check_deadline(const std::string& deadline, int64_t utc_us) {
  if (deadline.empty()) return absl::OkStatus();
  const auto parsed = text::parse_utc(deadline);
  if (!parsed.ok()) return absl::InvalidArgumentError(absl::StrCat("deadline: ", parsed.status().message()));
  if (*parsed > utc_us) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "deadline: found ", deadline, ", which has passed; expected a time after now, ", text::format_utc(utc_us)));
}

absl::Status check_priced(const v1::Teacher& teacher, int64_t day) {
  auto prices = price::PriceBook::of(teacher);
  if (!prices.ok()) return absl::FailedPreconditionError(prices.status().message());
  if (prices->on(day) != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("teacher ", teacher.name(),
                   " has no prices today: an unknown price is not zero; give input_usd_per_mtok and "
                   "output_usd_per_mtok, or `prices: free`"));
}

absl::Status may_go_on(const JobSpec& spec, std::span<const v1::RightsAlert> alerts, int64_t utc_us) {
  if (utc_us >= spec.deadline_us)
    return absl::DeadlineExceededError(absl::StrCat("deadline ", spec.job.deadline(), " passed"));
  const std::string today = text::format_day(text::day_of(utc_us));
  for (const JobSpec::AskedTeacher& asked : spec.teachers)
    if (absl::Status status = rights::may_ask(asked.config, spec.job.use(), today); !status.ok()) return status;
  return may_ask_despite(alerts, spec);
}

uint32_t output_cap(const v1::Sampling& merged, const v1::Teacher& teacher) {
  if (merged.has_max_output_tokens() && merged.max_output_tokens() > 0) return merged.max_output_tokens();
  assert(teacher.default_max_output_tokens() > 0);  // Invariant: the configuration's defaults are filled in.
  return teacher.default_max_output_tokens();
}

}  // namespace harvest::flow

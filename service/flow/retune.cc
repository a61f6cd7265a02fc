#include "service/flow/retune.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "proto/text/money.h"
#include "service/flow/guard_checks.h"
#include "service/flow/job_spec.h"
#include "service/flow/not_now.h"
#include "service/flow/share_checks.h"

namespace harvest::flow {

namespace {

int64_t booked(const v1::JobRecord& record) {
  return record.counters().spent_picodollars() + record.counters().at_risk_picodollars();
}

/// INVALID_ARGUMENT where it is no amount, or money that is gone cannot stand under it.
absl::Status check_cap(const std::string& usd, const v1::JobRecord& record) {
  const auto cap = text::parse_usd(usd);
  if (!cap.ok()) return absl::InvalidArgumentError(absl::StrCat("max_cost_usd: ", cap.status().message()));
  if (*cap >= booked(record)) return absl::OkStatus();
  const v1::JobCounters& counters = record.counters();
  return absl::InvalidArgumentError(absl::StrCat(
      "max_cost_usd: found ", usd, ", but job ", record.id(), " has spent $",
      text::format_usd(counters.spent_picodollars()), ", and $", text::format_usd(counters.at_risk_picodollars()),
      " are at risk; expected at least ", text::format_usd(booked(record)), " (`harvestctl jobs pause` stops it now)"));
}

/// In place of what the job had for this teacher.
void put_share(const v1::TeacherShare& share, v1::Job& job) {
  auto& shares = *job.mutable_shares();
  const auto known = std::find_if(shares.begin(), shares.end(),
                                  [&](const v1::TeacherShare& other) { return other.teacher() == share.teacher(); });
  (known == shares.end() ? *shares.Add() : *known) = share;
}

}  // namespace

absl::StatusOr<v1::Job> retune(const v1::JobRecord& record, const v1::RetuneJobRequest& request, int64_t utc_us) {
  if (record.state() == v1::FINISHED || record.state() == v1::CANCELLED) return not_now(record, "retuned");
  v1::Job job = record.job();
  if (!request.max_cost_usd().empty()) {
    if (absl::Status fits = check_cap(request.max_cost_usd(), record); !fits.ok()) return fits;
    job.set_max_cost_usd(request.max_cost_usd());
  }
  if (request.has_deadline()) {
    if (absl::Status ahead = check_deadline(request.deadline(), utc_us); !ahead.ok()) return ahead;
    job.set_deadline(request.deadline());
  }
  if (request.has_priority()) job.set_priority(request.priority());
  if (request.has_weight()) job.set_weight(request.weight());
  if (request.has_concurrency()) job.set_concurrency(request.concurrency());
  if (request.has_hedge_ratio_max()) job.set_hedge_ratio_max(request.hedge_ratio_max());
  for (const v1::TeacherShare& share : request.shares()) put_share(share, job);
  if (request.has_guard()) *job.mutable_guard() = request.guard();
  if (absl::Status sound = check_shares(job); !sound.ok()) return sound;
  if (absl::Status sound = check_guard(job); !sound.ok()) return sound;
  return job;
}

bool may_resume_after_retune(const v1::JobRecord& record, const v1::RetuneJobRequest& request, int64_t utc_us) {
  if (record.state() != v1::PAUSED) return false;
  if (absl::StartsWith(record.reason(), "guard")) return request.has_guard();
  // The reason that the harvester gave begins with the word for what stopped it.
  if (absl::StartsWith(record.reason(), "deadline")) return check_deadline(record.job().deadline(), utc_us).ok();
  const auto cap = text::parse_usd(record.job().max_cost_usd());
  return absl::StartsWith(record.reason(), "budget") && cap.ok() && *cap > booked(record);
}

}  // namespace harvest::flow

#include "service/flow/control.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/text/money.h"
#include "service/flow/not_now.h"
#include "service/flow/retune.h"
#include "service/flow/truncated_retry.h"
#include "storage/store/tally.h"

namespace harvest::flow {

absl::StatusOr<v1::JobStatus> Control::commit(const v1::CommitDraftRequest& request) {
  auto record = parts_.intake.commit(request);
  if (!record.ok()) return record.status();
  if (record->state() == v1::RUNNING) tell([record = *record](Harvester& harvester) { harvester.open_job(record); });
  return status_of(*std::move(record));
}

v1::JobStatus Control::status_of(v1::JobRecord record) const {
  v1::JobStatus status;
  const v1::JobCounters& counters = record.counters();
  const JobLive live = parts_.board.job(record.number());
  // The board lags a moment behind the record: of a finished job nothing is in flight.
  if (record.state() != v1::FINISHED) {
    status.set_in_flight(live.in_flight);
    status.set_in_batches(live.in_batches);
  }
  const uint64_t open = counters.queries() - store::ended(counters);
  if (record.state() != v1::CANCELLED) status.set_waiting(open > status.in_flight() ? open - status.in_flight() : 0);
  status.set_spent_usd(text::format_usd(counters.spent_picodollars()));
  status.set_at_risk_usd(text::format_usd(counters.at_risk_picodollars()));
  status.set_saved_usd(text::format_usd(counters.saved_picodollars()));
  status.set_max_cost_usd(record.job().max_cost_usd());
  status.set_service_halted(parts_.store.halted());
  status.set_eta_seconds(-1);
  status.mutable_answer_rates()->Add(live.answer_rates.begin(), live.answer_rates.end());
  if (record.state() == v1::RUNNING) {
    status.set_pairs_per_second(live.pairs_per_second);
    status.set_tokens_per_second(live.tokens_per_second);
    status.set_eta_seconds(live.eta_seconds);
    status.set_binding(live.binding);
    status.set_backoff_reason(backoff_reason(record));
  }
  *status.mutable_record() = std::move(record);
  return status;
}

/// A teacher none of whose endpoints is healthy is waited for without an end: whoever watches the job is told why.
std::string Control::backoff_reason(const v1::JobRecord& record) const {
  const auto& asked = record.job().teachers();
  for (const v1::TeacherStatus& teacher : parts_.board.teachers()) {
    if (std::find(asked.begin(), asked.end(), teacher.teacher().name()) == asked.end()) continue;
    const v1::EndpointStatus* failed = nullptr;
    for (const v1::EndpointStatus& endpoint : teacher.endpoints()) {
      if (endpoint.healthy()) {
        failed = nullptr;
        break;
      }
      if (!endpoint.last_error().empty()) failed = &endpoint;
    }
    if (failed != nullptr)
      return absl::StrCat("teacher ", teacher.teacher().name(), " at ", failed->url(), ": ", failed->last_error());
  }
  return "";
}

std::vector<v1::JobStatus> Control::jobs() const {
  std::vector<v1::JobStatus> all;
  for (v1::JobRecord& record : parts_.store.jobs()) all.push_back(status_of(std::move(record)));
  return all;
}

absl::StatusOr<v1::JobStatus> Control::job(const std::string& id) const {
  auto record = parts_.store.find_job(id);
  if (!record.ok()) return record.status();
  v1::JobStatus status = status_of(*std::move(record));
  for (v1::Batch& batch : parts_.store.batches())
    if (batch.job_number() == status.record().number() && store::is_under_way(batch))
      *status.add_batches() = std::move(batch);
  return status;
}

absl::StatusOr<v1::JobStatus> Control::set_state(const v1::JobRecord& record, v1::JobState state,
                                                 const std::string& reason) {
  auto applied = parts_.store.apply_and_wait(store::SetJobState{record.number(), state, reason, parts_.clock.utc_us()});
  if (!applied.ok()) return applied.status();
  return job(record.id());
}

absl::StatusOr<v1::JobStatus> Control::pause_job(const std::string& id, const std::string& reason) {
  auto record = parts_.store.find_job(id);
  if (!record.ok()) return record.status();
  if (record->state() != v1::RUNNING && record->state() != v1::PAUSED) return not_now(*record, "paused");
  auto status = set_state(*record, v1::PAUSED, reason.empty() ? "by an operator" : reason);
  if (status.ok()) tell([number = record->number()](Harvester& harvester) { harvester.pause_job(number); });
  return status;
}

absl::StatusOr<v1::JobStatus> Control::resume_job(const std::string& id) {
  auto record = parts_.store.find_job(id);
  if (!record.ok()) return record.status();
  if (record->state() == v1::RUNNING) {
    // `run` opens no job but its own, by this verb. Nothing happens where it is open already.
    tell([now = *record](Harvester& harvester) { harvester.open_job(now); });
    return status_of(*std::move(record));
  }
  if (record->state() != v1::PAUSED) return not_now(*record, "resumed");
  auto status = set_state(*record, v1::RUNNING, "");
  if (status.ok()) tell([now = status->record()](Harvester& harvester) { harvester.open_job(now); });
  return status;
}

absl::StatusOr<v1::JobStatus> Control::cancel_job(const std::string& id, const std::string& reason) {
  auto record = parts_.store.find_job(id);
  if (!record.ok()) return record.status();
  if (record->state() == v1::CANCELLED) return status_of(*std::move(record));
  if (record->state() == v1::FINISHED) return not_now(*record, "cancelled");
  if (record->state() == v1::DRAFT) {
    // A draft has asked nothing: it goes whole.
    if (absl::Status status = parts_.intake.discard(id); !status.ok()) return status;
    record->set_state(v1::CANCELLED);
    return status_of(*std::move(record));
  }
  auto status = set_state(*record, v1::CANCELLED, reason.empty() ? "by an operator" : reason);
  if (status.ok()) tell([number = record->number()](Harvester& harvester) { harvester.cancel_job(number); });
  return status;
}

absl::StatusOr<v1::JobStatus> Control::retry_job(const std::string& id) {
  auto record = parts_.store.find_job(id);
  if (!record.ok()) return record.status();
  if (record->state() == v1::DRAFT || record->state() == v1::CANCELLED) return not_now(*record, "retried");
  auto applied = parts_.store.apply_and_wait(store::RequeueEndings{record->number(), parts_.clock.utc_us()});
  if (!applied.ok()) return applied.status();
  record = parts_.store.find_job(id);
  if (!record.ok()) return record.status();
  if (applied->count > 0)
    tell([now = *record, count = applied->count + applied->turns](Harvester& harvester) {
      harvester.requeued(now, count);
    });
  return status_of(*std::move(record));
}

absl::StatusOr<v1::JobStatus> Control::retry_truncated(const v1::RetryJobRequest& request, const Caller& caller) {
  // It may take long: whoever waited here would keep a worker from everybody else's commands.
  const std::unique_lock lock(retries_, std::try_to_lock);
  if (!lock.owns_lock())
    return absl::FailedPreconditionError(
        "another retry of what was cut off is being drawn up; try again when it is done");
  auto draft = draft_truncated_retry(parts_.store, parts_.intake, request, caller, parts_.clock.utc_us());
  if (!draft.ok()) return draft.status();
  v1::CommitDraftRequest whole;
  whole.set_job_id(draft->job_id());
  whole.set_prompts(draft->prompts());
  return commit(whole);
}

/// Whether it fits what attempts in flight may yet cost, only their lane knows; from then on it holds there.
absl::Status Control::try_cap(const v1::JobRecord& record, const std::string& usd) {
  std::promise<absl::Status> promise;
  auto said = promise.get_future();
  const int64_t cap = text::parse_usd(usd).value();  // retune() has read it
  tell([&](Harvester& harvester) { promise.set_value(harvester.try_cap(record.number(), cap)); });
  return said.get();
}

absl::StatusOr<v1::JobStatus> Control::retune_job(const v1::RetuneJobRequest& request) {
  const std::lock_guard lock(retunes_);
  auto record = parts_.store.find_job(request.job_id());
  if (!record.ok()) return record.status();
  auto tuned = retune(*record, request, parts_.clock.utc_us());
  if (!tuned.ok()) return tuned.status();
  if (!request.max_cost_usd().empty())
    if (absl::Status fits = try_cap(*record, request.max_cost_usd()); !fits.ok()) return fits;
  auto applied = parts_.store.apply_and_wait(store::SetJobSpec{record->number(), *tuned});
  if (!applied.ok()) return applied.status();
  record = parts_.store.find_job(request.job_id());
  if (!record.ok()) return record.status();
  tell([now = *record](Harvester& harvester) { harvester.retune_job(now); });
  if (may_resume_after_retune(*record, request, parts_.clock.utc_us())) return resume_job(request.job_id());
  return status_of(*std::move(record));
}

absl::Status Control::halt(const std::string& reason) {
  auto applied = parts_.store.apply_and_wait(store::SetHalt{true, reason.empty() ? "by an operator" : reason});
  if (!applied.ok()) return applied.status();
  tell([](Harvester& harvester) { harvester.set_halted(true); });
  return absl::OkStatus();
}

absl::Status Control::lift_halt() {
  auto applied = parts_.store.apply_and_wait(store::SetHalt{false, ""});
  if (!applied.ok()) return applied.status();
  tell([](Harvester& harvester) { harvester.set_halted(false); });
  return absl::OkStatus();
}

v1::ServiceStatus Control::status() const {
  v1::ServiceStatus status;
  status.set_halted(parts_.store.halted());
  status.set_halt_reason(parts_.store.halt_reason());
  const ServiceLive live = parts_.board.service();
  status.set_in_flight(live.in_flight);
  status.set_disk_low(live.disk_low);
  status.set_free_bytes(live.free_bytes);
  status.set_draining(live.draining);
  status.mutable_budgets()->Add(live.budgets.begin(), live.budgets.end());
  int64_t bound = 0;
  for (const v1::Intent& intent : parts_.store.start_report().crash_intents) {
    v1::OpenIntent* open = status.add_crash_intents();
    if (auto id = text::ulid_of_bytes(intent.id()); id.ok()) open->set_attempt_id(text::to_text(*id));
    auto record = parts_.store.job(intent.job_number());
    if (record.ok()) {
      open->set_job_id(record->id());
      open->set_prompt(intent.ordinal() / store::ordinals_per_prompt(record->job()));
      open->set_sample(store::sample_at(record->job(), intent.ordinal(), intent.turn()));
    }
    open->set_samples(intent.choices());
    open->set_teacher(intent.teacher());
    open->set_cost_max_usd(text::format_usd(intent.cost_max_picodollars()));
    open->set_started_at_us(intent.started_at_us());
    bound += intent.cost_max_picodollars();
  }
  status.set_crash_intents_max_usd(text::format_usd(bound));
  status.set_crash_intents_total(parts_.store.crash_intents_total());
  return status;
}

}  // namespace harvest::flow

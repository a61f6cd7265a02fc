// What stops a job or a teacher: money, rights, deadlines, the vendor's word.
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "proto/text/money.h"
#include "proto/text/time.h"
#include "service/dialect/expired_key.h"
#include "service/flow/harvester.h"
#include "service/observe/log.h"
#include "service/rights/alerts.h"

namespace harvest::flow {

namespace log = observe::log;

namespace {

constexpr std::chrono::seconds kStatedHaltMin{60};
constexpr std::chrono::seconds kWholeSecond{1};  // stated moments are read as whole seconds from now, rounded down
constexpr char kNobodyStandsIn[] =
    "; no other of the job's teachers may stand in for it: one that does is of another vendor, or of another model "
    "that "
    "was not halted";

/// As a job that waits for it says it; lift_ended_halts() knows the job by these words.
std::string halt_words(const TeacherDesk& teacher) {
  return absl::StrCat("teacher ", teacher.config().name(), " is halted",
                      teacher.halted_until_us > 0 ? " until " + text::format_utc(teacher.halted_until_us) : "", ": ",
                      teacher.halt_reason);
}

}  // namespace

void Harvester::out_of_money(JobDesk& desk) {
  // Attempts in flight may give money back, and are to be counted before what is left is named.
  if (desk.in_flight > 0) return jobs_->starve(desk, true);
  stop_job(
      desk,
      absl::StrCat("budget: of $", text::format_usd(desk.budget.cap().value_or(0)), " there are $",
                   text::format_usd(desk.budget.spent()), " spent and $", text::format_usd(desk.budget.at_risk()),
                   " at risk; the next query may cost more than is left; ", desk.remaining, " queries are not asked"));
}

absl::Status Harvester::too_dear(const JobDesk& desk, const TeacherDesk& teacher, const limit::Demand& demand,
                                 const limit::Verdict& verdict) {
  const bool tenants = verdict.binding == limit::Dimension::kTenantBudget;
  const limit::Purse& purse = tenants ? desk.tenant->purse : teacher.purse;
  // Of a day's and a month's cap the one that does not hold it.
  const bool day = purse.today().cap() && *purse.today().cap() < demand.cost_picodollars;
  const limit::Budget& cap = day ? purse.today() : purse.month();
  return absl::FailedPreconditionError(absl::StrCat(
      "budget: the next query may cost $", text::format_usd(demand.cost_picodollars), ", and ",
      tenants ? absl::StrCat("tenant ", desk.spec->tenant) : absl::StrCat("teacher ", teacher.config().name()),
      " has a cap of $", text::format_usd(cap.cap().value_or(0)), day ? " a day" : " a month",
      ": raise it, or lower max_output_tokens"));
}

void Harvester::overbilled(const TeacherDesk& teacher, JobDesk& desk, const limit::Permit& permit,
                           const limit::Actual& actual) {
  const std::string words = absl::StrCat(
      "teacher ", teacher.config().name(), " billed $", text::format_usd(actual.cost_picodollars),
      " for a call that was bounded by $", text::format_usd(permit.reserved.cost_picodollars),
      ": it gave more than the output cap, or counts input that was not sent; later calls are bounded accordingly");
  log::warn("overbilled", {{"job", desk.spec->id}, {"teacher", teacher.config().name()}, {"reason", words}});
  const auto capped = [](const limit::Purse& purse) { return purse.today().cap() || purse.month().cap(); };
  const bool bounded = desk.budget.cap() || capped(teacher.purse) || capped(desk.tenant->purse);
  // What is in flight comes home; what waits is asked when the job is resumed, under the higher bound.
  if (bounded && !desk.paused && !desk.cancelled && desk.remaining > desk.in_flight)
    stop_asking(desk, absl::FailedPreconditionError(words));
}

void Harvester::stop_job(JobDesk& desk, const std::string& reason) {
  desk.paused_for = cause_of_pause(reason);
  jobs_->pause(desk, true);
  note_waits(desk);
  log::warn("job_paused", {{"job", desk.spec->id}, {"reason", reason}});
  store::Change pause = store::SetJobState{desk.spec->number, v1::PAUSED, reason, utc_us()};
  store_.apply(std::move(pause), [this, id = desk.spec->id](LaneStore::Result result) {
    if (result.status.ok()) return;
    parts_.metrics.store_error("pause");
    log::error("job_pause_failed", {{"job", id}, {"error", result.status.message()}});
  });
}

void Harvester::halt_teacher(TeacherDesk& teacher, const std::string& reason, int64_t until_us) {
  if (teacher.halted) return;
  teacher.halted = true;
  teacher.halt_reason = reason;
  teacher.halted_until_us = until_us;
  teacher.metrics.halted(true);
  log::error("teacher_halted", {{"teacher", teacher.config().name()}, {"reason", teacher.halt_reason}});
  note_halt(teacher);
}

void Harvester::note_halt(const TeacherDesk& teacher) {
  store::Change change = store::SetTeacherState{.name = teacher.config().name(),
                                                .halted = teacher.halted,
                                                .halt_reason = teacher.halt_reason,
                                                .halted_until_us = teacher.halted_until_us};
  store_.apply(std::move(change), [this, name = teacher.config().name()](LaneStore::Result result) {
    if (result.status.ok()) return;
    parts_.metrics.store_error("pause");
    log::error("teacher_halt_failed", {{"teacher", name}, {"error", result.status.message()}});
  });
}

void Harvester::note_standing(TeacherDesk& teacher, const dialect::Outcome& outcome, limit::Instant sent_at) {
  // A teacher that never answered may be probed until its configuration is right; one that did has cut us off.
  if (outcome.kind != v1::HALTED || !teacher.has_answered) return hear_of_rights(teacher, outcome);
  if (!renew_key(teacher, outcome, sent_at)) halted_by(teacher, outcome);
}

void Harvester::halted_by(TeacherDesk& teacher, const dialect::Outcome& outcome) {
  hear_of_rights(teacher, outcome);
  int64_t until_us = 0;
  // Money comes back on a stated day; a stated wait of seconds is about the rate, and says nothing of the money.
  if (outcome.halt_cause == dialect::HaltCause::kBilling && outcome.retry_after >= kStatedHaltMin)
    until_us = utc_us() + std::chrono::ceil<std::chrono::microseconds>(*outcome.retry_after + kWholeSecond).count();
  std::string reason = outcome.reason();
  if (dialect::is_expired_key(outcome))
    absl::StrAppend(&reason,
                    "; its key has expired: a new one where the configuration says, then `harvestctl teachers "
                    "resume ",
                    teacher.config().name(), "`");
  halt_teacher(teacher, reason, until_us);
}

void Harvester::note_vendor_days() {
  for (const auto& teacher : teachers_) {
    std::optional<store::BeginVendorDay> begun = teacher->vendor_day_begun(utc_us());
    if (!begun) continue;
    store_.apply(*std::move(begun), [](LaneStore::Result) {});  // not kept: more count after a restart, never fewer
  }
}

void Harvester::note_found_limits() {
  for (const auto& teacher : teachers_) {
    std::optional<v1::FoundLimits> found = teacher->found_news(now(), utc_us());
    if (!found) continue;
    const std::string name = teacher->config().name();
    log::info("limits_found", {{"teacher", name},
                               {"requests_per_minute", found->requests_per_minute()},
                               {"input_tokens_per_minute", found->input_tokens_per_minute()},
                               {"output_tokens_per_minute", found->output_tokens_per_minute()},
                               {"in_flight", found->in_flight()}});
    store_.apply(store::NoteFoundLimits{name, *std::move(found)}, [name](LaneStore::Result result) {
      // Found again by the next run, if it must be.
      if (!result.status.ok())
        log::warn("found_limits_not_stored", {{"teacher", name}, {"reason", result.status.message()}});
    });
  }
}

void Harvester::lift_ended_halts() {
  for (const auto& teacher : teachers_) {
    if (!teacher->halted || teacher->halted_until_us == 0 || utc_us() < teacher->halted_until_us) continue;
    const std::string words = halt_words(*teacher);
    teacher->halted = false;
    teacher->halt_reason.clear();
    teacher->halted_until_us = 0;
    teacher->metrics.halted(false);
    log::info("teacher_halt_ended", {{"teacher", teacher->config().name()}});
    note_halt(*teacher);
    // What was paused for this halt alone goes on with its end.
    for (v1::JobRecord& record : store_.reads().jobs())
      if (record.state() == v1::PAUSED && absl::StartsWith(record.reason(), words) && is_ours(record.number()))
        go_on(std::move(record));
  }
}

/// `run` has no job but its own.
bool Harvester::is_ours(uint64_t job) const {
  return asleep_.contains(job) || jobs_->find(job) != nullptr;
}

void Harvester::go_on(v1::JobRecord record) {
  record.set_state(v1::RUNNING);
  record.clear_reason();
  store::Change change = store::SetJobState{record.number(), v1::RUNNING, "", utc_us()};
  store_.apply(std::move(change), [this, record = std::move(record)](LaneStore::Result result) {
    if (result.status.ok()) return open_job(record);
    parts_.metrics.store_error("resume");
    log::error("job_resume_failed", {{"job", record.id()}, {"error", result.status.message()}});
  });
}

bool Harvester::renew_key(TeacherDesk& teacher, const dialect::Outcome& outcome, limit::Instant sent_at) {
  if (outcome.halt_cause != dialect::HaltCause::kAccess || teacher.halted) return false;
  // The vendor means us, not the key: another key would be a way round its word.
  if (!outcome.rights_alert.empty()) return false;
  return teacher.line().key_since() > sent_at || read_key(teacher);
}

bool Harvester::read_key(TeacherDesk& teacher) {
  const absl::StatusOr<bool> changed = teacher.line().read_key(now());
  if (!changed.ok())
    log::error("key_not_read", {{"teacher", teacher.config().name()}, {"error", changed.status().message()}});
  else if (*changed)
    log::info("key_renewed", {{"teacher", teacher.config().name()}});
  return changed.ok() && *changed;
}

void Harvester::hear_of_rights(const TeacherDesk& teacher, const dialect::Outcome& outcome) {
  const bool halted = outcome.kind == v1::HALTED;
  // Of a teacher that never answered, a refused key is a mistake of ours, unless the vendor says that it is not.
  const bool cut_off = halted && outcome.halt_cause == dialect::HaltCause::kAccess && teacher.has_answered &&
                       !dialect::is_expired_key(outcome);
  if (cut_off || !outcome.rights_alert.empty())
    raise_alert(teacher, halted ? v1::ACCESS_REVOKED : v1::DISTILLATION_REFUSED, outcome);
}

/// The vendor says that what we do touches its terms, or has taken our access away: training on this model's family
/// stops before this outcome is even stored, and until a person has decided.
void Harvester::raise_alert(const TeacherDesk& teacher, v1::AlertCause cause, const dialect::Outcome& outcome) {
  const rights::ModelLine line = rights::model_line(teacher.config());
  v1::RightsAlert alert;
  alert.set_cause(cause);
  alert.set_teacher(teacher.config().name());
  alert.set_vendor(teacher.config().vendor());
  alert.set_model(teacher.config().model());
  alert.set_model_owner(line.owner);
  alert.set_model_family(line.family);
  alert.set_vendor_code(cause == v1::DISTILLATION_REFUSED ? outcome.rights_alert : outcome.vendor_code);
  alert.set_message(outcome.message);
  alert.set_raised_at_us(utc_us());
  for (const v1::RightsAlert& known : alerts_)
    if (known.cause() == cause && known.model_owner() == line.owner && known.model_family() == line.family &&
        known.decision() != v1::LIFTED)
      return;
  log::error("rights_alert", {{"teacher", alert.teacher()},
                              {"cause", rights::cause_name(cause)},
                              {"model_owner", line.owner},
                              {"model_family", line.family},
                              {"vendor_code", alert.vendor_code()},
                              {"message", alert.message()}});
  alert.set_number(alerts_.size() + 1);  // as the store will count it
  std::vector<v1::RightsAlert> standing = alerts_;
  standing.push_back(alert);
  set_alerts(std::move(standing));
  store::Change change = store::RaiseAlert{alert};
  store_.apply(std::move(change), [this, name = alert.teacher()](LaneStore::Result result) {
    if (result.status.ok()) return set_alerts(store_.reads().alerts());
    parts_.metrics.store_error("alert");
    log::error("rights_alert_not_kept", {{"teacher", name}, {"error", result.status.message()}});
  });
}

void Harvester::set_alerts(std::vector<v1::RightsAlert> alerts) {
  alerts_ = std::move(alerts);
  parts_.metrics.rights_alerts(static_cast<double>(std::count_if(
      alerts_.begin(), alerts_.end(), [](const v1::RightsAlert& alert) { return alert.decision() != v1::LIFTED; })));
  for (auto& [number, desk] : jobs_->desks()) stop_where_it_may_not_go_on(*desk);
  jobs_->reroute();
}

/// Its attempts in flight finish.
void Harvester::stop_where_it_may_not_go_on(JobDesk& desk) {
  if (desk.paused || desk.remaining == desk.in_flight) return;
  absl::Status status = may_go_on(*desk.spec, alerts_, utc_us());
  // Of the desk, not of the job: prices are imported while a job waits for them.
  const int64_t day = text::day_of(utc_us());
  for (const JobSpec::AskedTeacher& asked : desk.spec->teachers)
    if (const TeacherDesk& teacher = *teachers_[asked.index]; !teacher.priced(day))
      status.Update(check_priced(teacher.config(), day));
  // A fallback's query goes on to whoever stands in. Where nobody does, it would be asked of its own teacher.
  if (!alerts_.empty() && desk.spec->job.ask() == v1::FALLBACK)
    for (const StreamWindow& window : desk.windows)
      for (schedule::StreamKey key : desk.queue_keys(window.stream))
        for (uint32_t index : desk.queue_teachers(key))
          if (queue_.size(key) > 0 && !is_stood_in_for(*desk.spec, index))
            status.Update(may_be_asked(*teachers_[index], *desk.spec));
  if (!status.ok()) stop_asking(desk, status);
}

absl::Status Harvester::may_be_asked(const TeacherDesk& teacher, const JobSpec& spec) const {
  const absl::Status may = rights::may_ask_despite(alerts_, teacher.config(), spec.job.use());
  return may.ok() ? may
                  : absl::Status(may.code(), absl::StrCat("teacher ", teacher.config().name(), " ", may.message()));
}

void Harvester::stop_asking(JobDesk& desk, const absl::Status& why) {
  stop_job(desk, absl::StrCat(why.message(), "; ", desk.remaining - desk.in_flight, " queries are not asked"));
}

/// A job all of whose unfinished streams wait for teachers that are halted cannot go on by itself: it is paused, and
/// says why.
void Harvester::notice_dead_jobs() {
  for (auto& [number, desk] : jobs_->desks()) {
    if (desk->paused || desk->in_flight > 0 || desk->remaining == 0) continue;
    const JobSpec& spec = *desk->spec;
    std::string reason;
    bool alive = false;
    for (const StreamWindow& window : desk->windows) {
      size_t waiting = 0;
      for (schedule::StreamKey key : desk->queue_keys(window.stream)) waiting += queue_.size(key);
      const bool comes =
          window.leaving > 0 || window.reading || window.stale || (waiting == 0 && !window.exhausted(spec, INT64_MAX));
      for (schedule::StreamKey key : desk->queue_keys(window.stream)) {
        for (uint32_t index : desk->queue_teachers(key)) {
          const TeacherDesk& teacher = *teachers_[index];
          if (teacher.halted)
            reason = absl::StrCat(halt_words(teacher),
                                  spec.job.ask() == v1::FALLBACK && spec.teachers.size() > 1 ? kNobodyStandsIn : "");
          // A stream that has nothing left does not keep its job alive, nor a fallback that nothing waits for.
          else if (queue_.size(key) > 0 || comes)
            alive = true;
        }
      }
    }
    if (!alive && !reason.empty()) stop_job(*desk, reason);
  }
}

}  // namespace harvest::flow

// What stops a job or a teacher: money, rights, deadlines, the vendor's word.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/text/money.h"
#include "proto/text/time.h"
#include "service/flow/harvester.h"
#include "service/observe/log.h"
#include "service/rights/alerts.h"

namespace harvest::flow {

namespace log = observe::log;

void Harvester::out_of_money(JobDesk& desk) {
  // Attempts in flight may give money back, and are to be counted before what is left is named.
  if (desk.in_flight > 0) return jobs_->starve(desk, true);
  stop_job(
      desk,
      absl::StrCat("budget: of $", text::format_usd(desk.budget.cap().value_or(0)), " there are $",
                   text::format_usd(desk.budget.spent()), " spent and $", text::format_usd(desk.budget.at_risk()),
                   " at risk; the next query may cost more than is left; ", desk.remaining, " queries are not asked"));
}

void Harvester::stop_job(JobDesk& desk, const std::string& reason) {
  jobs_->pause(desk, true);
  log::warn("job_paused", {{"job", desk.spec->id}, {"reason", reason}});
  store::Change pause = store::SetJobState{desk.spec->number, v1::PAUSED, reason, utc_us()};
  store_.apply(std::move(pause), [this, id = desk.spec->id](LaneStore::Result result) {
    if (result.status.ok()) return;
    parts_.metrics.store_error("pause");
    log::error("job_pause_failed", {{"job", id}, {"error", result.status.message()}});
  });
}

void Harvester::halt_teacher(TeacherDesk& teacher, const std::string& reason) {
  if (teacher.halted) return;
  teacher.halted = true;
  teacher.halt_reason = reason;
  teacher.metrics.halted(true);
  log::error("teacher_halted", {{"teacher", teacher.config().name()}, {"reason", teacher.halt_reason}});
  store::Change change = store::SetTeacherState{teacher.config().name(), true, teacher.halt_reason, std::nullopt};
  store_.apply(std::move(change), [this, name = teacher.config().name()](LaneStore::Result result) {
    if (result.status.ok()) return;
    parts_.metrics.store_error("pause");
    log::error("teacher_halt_failed", {{"teacher", name}, {"error", result.status.message()}});
  });
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
  alert.set_vendor_code(outcome.rights_alert.empty() ? outcome.vendor_code : outcome.rights_alert);
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
  if (!status.ok())
    stop_job(desk, absl::StrCat(status.message(), "; ", desk.remaining - desk.in_flight, " queries are not asked"));
}

/// A job all of whose unfinished streams wait for teachers that are halted cannot go on by itself: it is paused, and
/// says why.
void Harvester::notice_dead_jobs() {
  for (auto& [number, desk] : jobs_->desks()) {
    if (desk->paused || desk->in_flight > 0 || desk->remaining == 0) continue;
    std::string reason;
    bool alive = false;
    for (const StreamWindow& window : desk->windows) {
      size_t waiting = 0;
      for (schedule::StreamKey key : desk->queue_keys(window.stream)) waiting += queue_.size(key);
      const bool comes = window.leaving > 0 || window.reading || window.stale ||
                         (waiting == 0 && !window.exhausted(*desk->spec, INT64_MAX));
      for (schedule::StreamKey key : desk->queue_keys(window.stream)) {
        for (uint32_t index : desk->queue_teachers(key)) {
          const TeacherDesk& teacher = *teachers_[index];
          if (teacher.halted)
            reason = absl::StrCat("teacher ", teacher.config().name(), " is halted: ", teacher.halt_reason);
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

// The harvester's commands and its quarter-second tick.
#include <algorithm>
#include <cassert>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "proto/text/money.h"
#include "proto/text/time.h"
#include "service/flow/harvester.h"
#include "service/observe/log.h"
#include "service/rights/alerts.h"

namespace harvest::flow {

namespace log = observe::log;

namespace {

constexpr auto kTick = std::chrono::milliseconds(250);

std::optional<int64_t> cap_of(const v1::Job& job) {
  if (job.max_cost_usd().empty()) return std::nullopt;
  auto cap = text::parse_usd(job.max_cost_usd());
  assert(cap.ok());  // Invariant: intake lets no malformed cap in.
  return *cap;
}

}  // namespace

void Harvester::open_job(const v1::JobRecord& record) {
  if (JobDesk* desk = jobs_->find(record.number())) {
    retune_job(record);
    // Whoever resumes it has looked at its answers: they are not held against it again.
    if (desk->paused) desk->answers.clear();
    jobs_->pause(*desk, false);
    note_waits(*desk);
    stop_where_it_may_not_go_on(*desk);
    return wake();
  }
  auto spec = make_job_spec(record, [this](const std::string& name) -> std::optional<ConfiguredTeacher> {
    const std::optional<uint32_t> index = teacher_index(name);
    if (!index) return std::nullopt;
    return ConfiguredTeacher{*index, account_of_[*index], &teachers_[*index]->config()};
  });
  if (!spec.ok()) {
    log::warn("job_not_opened", {{"job", record.id()}, {"reason", spec.status().message()}});
    store::Change pause =
        store::SetJobState{record.number(), v1::PAUSED, std::string(spec.status().message()), utc_us()};
    leave_paused(record);
    return store_.apply(std::move(pause), [this](LaneStore::Result result) {
      if (!result.status.ok()) parts_.metrics.store_error("pause");
    });
  }
  limit::Budget budget(cap_of(record.job()));
  budget.restore(record.counters().spent_picodollars(), record.counters().at_risk_picodollars());
  JobDesk& desk = jobs_->open(*std::move(spec), record, budget, &tenants_.find(record.tenant()));
  begin_waits(desk, record);
  asleep_.erase(record.number());
  resume_batches(desk);
  stop_where_it_may_not_go_on(desk);
  close_if_done(record.number());
  wake();
}

void Harvester::pause_job(uint64_t job) {
  JobDesk* desk = jobs_->find(job);
  if (desk == nullptr) return;
  desk->paused_for = cause::kPause;
  jobs_->pause(*desk, true);
  note_waits(*desk);
}

void Harvester::cancel_job(uint64_t job) {
  asleep_.erase(job);
  JobDesk* desk = jobs_->find(job);
  if (desk == nullptr) return;
  desk->cancelled = true;
  jobs_->pause(*desk, true);
  close_if_done(job);
}

void Harvester::retune_job(const v1::JobRecord& record) {
  JobDesk* desk = jobs_->find(record.number());
  if (desk == nullptr) return;
  desk->budget.set_cap(cap_of(record.job()));
  jobs_->retune(*desk, retuned(*desk->spec, record.job()));
  for (auto& [teacher, watch] : desk->answers) watch.set_window(guard_of(*desk->spec));
  if (desk->starved) jobs_->starve(*desk, false);
  wake();
}

absl::Status Harvester::try_cap(uint64_t job, int64_t cap_picodollars) {
  JobDesk* desk = jobs_->find(job);
  if (desk == nullptr) return absl::OkStatus();  // nothing of it is in flight
  const limit::Budget& budget = desk->budget;
  const int64_t taken = budget.spent() + budget.at_risk() + budget.reserved();
  if (cap_picodollars < taken)
    return absl::InvalidArgumentError(absl::StrCat(
        "max_cost_usd: found ", text::format_usd(cap_picodollars), ", but of job ", desk->spec->id, " $",
        text::format_usd(budget.spent() + budget.at_risk()), " are spent or at risk, and attempts in flight may cost $",
        text::format_usd(budget.reserved()), " more; expected at least ", text::format_usd(taken),
        " (after `harvestctl jobs pause` less may do, once they are at rest)"));
  // A lower one holds at once; a higher one once it is on disk, with the job retuned.
  if (!budget.cap() || cap_picodollars < *budget.cap()) desk->budget.set_cap(cap_picodollars);
  return absl::OkStatus();
}

void Harvester::requeued(const v1::JobRecord& record, uint64_t count) {
  JobDesk* desk = jobs_->find(record.number());
  if (desk == nullptr) {
    // A paused job's queries wait on disk until somebody resumes it.
    if (record.state() == v1::RUNNING) open_job(record);
    return;
  }
  desk->remaining += count;
  for (StreamWindow& window : desk->windows) jobs_->postponed(record.number(), window.stream, utc_us());
  jobs_->refill();
}

void Harvester::set_halted(bool halted) {
  halted_ = halted;
  parts_.metrics.halted(halted);
  wake();
}

void Harvester::set_teacher(const store::SetTeacherState& change) {
  const std::optional<uint32_t> index = teacher_index(change.name);
  if (!index) return;
  TeacherDesk& teacher = *teachers_[*index];
  if (change.halted) {
    teacher.halted = *change.halted;
    teacher.halt_reason = change.halt_reason;
    teacher.halted_until_us = change.halted_until_us;
    // Whoever resumes it may have given it a new key.
    if (!teacher.halted) read_key(teacher);
  }
  if (change.paused) {
    teacher.paused = *change.paused;
    teacher.pause_reason = change.pause_reason;
  }
  teacher.metrics.halted(teacher.halted);
  wake();
}

void Harvester::set_prices(const v1::Teacher& priced) {
  const std::optional<uint32_t> index = teacher_index(priced.name());
  if (!index) return;
  // Invariant: Control has read these prices before.
  const absl::Status read = teachers_[*index]->set_prices(priced);
  assert(read.ok());
  (void)read;
}

void Harvester::set_disk(bool low, uint64_t free_bytes) {
  if (low != disk_low_) {
    low ? log::error("disk_low", {{"free_bytes", free_bytes}}) : log::info("disk_freed", {{"free_bytes", free_bytes}});
  }
  disk_low_ = low;
  free_bytes_ = free_bytes;
  parts_.metrics.free_bytes(static_cast<double>(free_bytes));
  if (!low) wake();
}

void Harvester::drain(std::function<void()> drained) {
  draining_ = true;
  for (auto& [number, desk] : jobs_->desks()) note_waits(*desk);
  drained_ = std::move(drained);
  end_drain();
}

void Harvester::arm_tick() {
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    tick();
    arm_tick();
  });
}

void Harvester::tick() {
  const bool stalled = store_.reads().stalled_changes() > 0;
  if (stalled && !store_stalled_) parts_.metrics.store_error("commit");
  if (stalled != store_stalled_)
    stalled ? log::error("store_stalled", {{"why", store_.reads().health().message()}}) : log::info("store_goes_on");
  store_stalled_ = stalled;
  lift_ended_halts();
  note_found_limits();
  note_vendor_days();
  for (const std::unique_ptr<TeacherDesk>& teacher : teachers_) gauge_watch_.look(*teacher, now());
  jobs_->release_all();  // whatever they were held for may be over
  for (auto& [number, desk] : jobs_->desks()) stop_where_it_may_not_go_on(*desk);
  jobs_->reroute();
  jobs_->refill();
  notice_dead_jobs();
  ask_canaries();
  // What could not be kept as it came.
  if (!stalled)
    for (const auto& teacher : teachers_) keep_drift(*teacher);
  publish_figures();
  wake();
}

std::vector<FallbackTeacher> Harvester::fallback_teachers(const JobSpec& spec) const {
  std::vector<FallbackTeacher> teachers;
  for (const JobSpec::AskedTeacher& asked : spec.teachers) {
    const rights::ModelLine line = rights::model_line(asked.config);
    // One that may not be asked for this use is passed by, like one that is halted.
    const bool alert = rights::standing_alert(alerts_, asked.config, spec.job.use()) != nullptr;
    teachers.push_back({.readiness = alert ? Readiness::kHalted : teachers_[asked.index]->readiness(now()),
                        .vendor = absl::AsciiStrToLower(asked.config.vendor()),
                        .line = absl::StrCat(line.owner, "/", line.family)});
  }
  return teachers;
}

FallbackRoute Harvester::route(const JobSpec& spec) const {
  return fallback_route(fallback_teachers(spec));
}

bool Harvester::is_stood_in_for(const JobSpec& spec, uint32_t index) const {
  if (spec.job.ask() != v1::FALLBACK) return false;
  const FallbackRoute asked = route(spec);
  for (size_t place = 0; place < asked.size(); ++place)
    if (spec.teachers[place].index == index) return asked[place] != place;
  return false;
}

/// What the job was told when it asked last; a job that stands behind others waits for what its teacher waits for.
limit::Dimension Harvester::binding_of(const JobDesk& desk) const {
  if (desk.binding != limit::Dimension::kNone) return desk.binding;
  for (const StreamWindow& window : desk.windows)
    for (schedule::StreamKey key : desk.queue_keys(window.stream))
      for (uint32_t index : desk.queue_teachers(key))
        if (const limit::Dimension binding = teachers_[index]->binding;
            queue_.size(key) > 0 && binding != limit::Dimension::kNone)
          return binding;
  return limit::Dimension::kNone;
}

void Harvester::publish_figures() {
  LiveBoard::Figures figures;
  for (auto& [number, desk] : jobs_->desks()) {
    desk->pairs.tick(now());
    desk->tokens.tick(now());
    JobLive live{.in_flight = desk->in_flight,
                 .in_batches = desk->in_batches,
                 .pairs_per_second = desk->pairs.per_second(),
                 .tokens_per_second = desk->tokens.per_second()};
    const uint64_t remaining = open_queries(*desk);
    for (const auto& [index, watch] : desk->answers)
      live.answer_rates.emplace_back(watch.rates()).set_teacher(teachers_[index]->config().name());
    if (live.pairs_per_second > 0) live.eta_seconds = static_cast<double>(remaining) / live.pairs_per_second;
    if (disk_low_ || store_stalled_)
      live.binding = "disk";
    else if (halted_)
      live.binding = "halt";
    else if (desk->binding == limit::Dimension::kNone && desk->in_flight > 0)
      live.binding = desk->in_flight == desk->in_batches ? "batch" : "teacher";
    else if (waits_for_labels(*desk))
      live.binding = std::string(cause::kLabels);
    else
      live.binding = limit::name_of(binding_of(*desk));
    observe::JobGauges gauges{.remaining = static_cast<double>(remaining),
                              .eta_seconds = live.eta_seconds,
                              .pairs = static_cast<double>(desk->pairs_stored),
                              .spend_usd = text::dollars_of(desk->budget.spent() + desk->budget.at_risk())};
    if (desk->budget.cap()) gauges.budget_usd = text::dollars_of(*desk->budget.cap());
    gauges.waits = desk->waits.by_cause();
    parts_.metrics.job(desk->spec->id, gauges);
    figures.jobs.emplace(number, std::move(live));
  }
  for (const auto& teacher : teachers_) {
    teacher->release_held(now());
    figures.teachers.push_back(teacher->status());
    figures.teachers.back().set_batches_open(batches_open(teacher->config().name()));
  }
  count_queries();
  count_teachers();
  count_waits();
  figures.service = {.budgets = watch_budgets(),
                     .in_flight = in_flight_,
                     .disk_low = disk_low_ || store_stalled_,
                     .free_bytes = free_bytes_,
                     .draining = draining_};
  parts_.board.publish(std::move(figures));
}

}  // namespace harvest::flow

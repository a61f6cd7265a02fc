#include "service/flow/harvester.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <cassert>
#include <exception>
#include <utility>

#include "proto/text/time.h"
#include "service/flow/settlement.h"
#include "service/observe/log.h"

namespace harvest::flow {

namespace log = observe::log;

namespace {
constexpr int kStartsPerTurn = 256;  // then I/O gets its turn
constexpr int64_t kTwinLookAgainUs = 2'000'000;
}  // namespace

Harvester::Harvester(Parts parts, v1::HarvestOptions options, StreamReader::MayReuse may_reuse)
    : parts_(parts),
      options_(std::move(options)),
      store_(parts.store, parts.lane),
      retry_(options_.attempts_max()),
      wake_timer_(parts.lane),
      tick_timer_(parts.lane),
      budget_watch_({options_.budget_warnings_percent().begin(), options_.budget_warnings_percent().end()}) {
  assert(options_.concurrency_max() > 0);  // Invariant: the configuration's defaults are filled in.
  JobBook::Events events{.route = [this](const JobSpec& spec) { return route(spec); },
                         .by_batch = [this](const JobSpec& spec, uint32_t stream) { return by_batch(spec, stream); },
                         .woken = [this] { wake(); },
                         .read_failed =
                             [this](uint64_t job, const absl::Status& status) {
                               parts_.metrics.store_error("read");
                               log::error("read_failed", {{"job", job}, {"error", status.message()}});
                               if (JobDesk* desk = jobs_->find(job))
                                 stop_job(*desk, "its prompts cannot be read: " + std::string(status.message()));
                             }};
  jobs_ = std::make_unique<JobBook>(queue_, twins_, StreamReader(parts.store, std::move(may_reuse)), parts.clock,
                                    parts.lane, std::move(events));
}

Harvester::~Harvester() {
  jobs_->stop();
}

void Harvester::add_teacher(std::unique_ptr<TeacherDesk> desk) {
  const auto index = static_cast<uint32_t>(teachers_.size());
  const auto known = std::find_if(teachers_.begin(), teachers_.end(),
                                  [&](const auto& other) { return other->account == desk->account; });
  if (known == teachers_.end()) {
    account_of_.push_back(static_cast<uint32_t>(accounts_.size()));
    accounts_.push_back({index});
  } else {
    account_of_.push_back(account_of_[static_cast<size_t>(known - teachers_.begin())]);
    accounts_[account_of_.back()].push_back(index);
  }
  teachers_.push_back(std::move(desk));
}

std::optional<uint32_t> Harvester::teacher_index(const std::string& name) const {
  for (uint32_t i = 0; i < teachers_.size(); ++i)
    if (teachers_[i]->config().name() == name) return i;
  return std::nullopt;
}

void Harvester::start() {
  publish_figures();
  arm_tick();
  wake();
}

void Harvester::wake() {
  if (wake_posted_) return;
  wake_posted_ = true;
  boost::asio::post(parts_.lane, [this] {
    wake_posted_ = false;
    pump();
  });
}

void Harvester::pump() {
  if (!may_ask()) return;
  int quota = kStartsPerTurn;
  limit::Instant look_again = jobs_->release(now());
  for (uint32_t i = 0; i < accounts_.size(); ++i) look_again = std::min(look_again, pump_account(i, quota));
  for (uint32_t i = 0; i < teachers_.size(); ++i) look_again = std::min(look_again, gather(i, quota));
  if (quota <= 0) return wake();
  if (look_again == limit::kNever) return;
  wake_timer_.expires_at(std::chrono::steady_clock::time_point(look_again));
  wake_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) pump();
  });
}

limit::Instant Harvester::pump_account(uint32_t account, int& quota) {
  const std::vector<uint32_t>& teachers = accounts_[account];
  if (std::none_of(teachers.begin(), teachers.end(), [this](uint32_t i) { return teachers_[i]->may_ask(); }))
    return limit::kNever;
  // It wakes us when it has found its place.
  if (std::any_of(teachers.begin(), teachers.end(), [this](uint32_t i) { return teachers_[i]->canaries.waits; }))
    return limit::kNever;
  limit::Instant look_again = limit::kNever;
  for (; quota > 0; --quota) {
    const std::optional<schedule::StreamKey> key = queue_.front_stream(account);
    if (!key) break;
    const Ready& head = **queue_.front(account);
    JobDesk& desk = *jobs_->find(head.place.job);
    if (head.known) {
      keep_known(queue_.take(account));
      continue;
    }
    // What can go to none of them now stands in nobody's way until then.
    const auto pass_over = [&](limit::Instant until) {
      jobs_->hold(*key, account, until);
      look_again = std::min(look_again, until);
    };
    const Offer offer = offer_to(account, head, desk);
    if (offer.candidate == nullptr) {
      pass_over(limit::kNever);
      continue;
    }
    const uint32_t index = offer.candidate->teacher;
    TeacherDesk& teacher = *teachers_[index];
    if (!offer.may_ask.ok()) {
      // One that is stood in for waits for its window to be read anew, which is under way.
      is_stood_in_for(*desk.spec, index) ? pass_over(limit::kNever) : stop_asking(desk, offer.may_ask);
      continue;
    }
    if (offer.has_twin) {
      park(queue_.take(account));
      continue;
    }
    if (offer.endpoint) {
      const limit::Permit permit = teacher.take(offer.demand, desk.payer(), offer.at, utc_us());
      start_run(index, *offer.endpoint, permit, queue_.take(account));
      continue;
    }
    // A job stops over what none of its teachers can be paid; else the others go on with it.
    if (offer.verdict.binding == limit::Dimension::kJobBudget) {
      const auto broke = [](const limit::Verdict& verdict) { return verdict.binding == limit::Dimension::kJobBudget; };
      holds_of_all(head, desk, broke) ? out_of_money(desk) : pass_over(limit::kNever);
      continue;
    }
    if (is_never_paid(offer.verdict)) {
      if (holds_of_all(head, desk, is_never_paid))
        stop_asking(desk, too_dear(desk, teacher, offer.demand, offer.verdict));
      else
        pass_over(limit::kNever);
      continue;
    }
    if (limit::is_limit(offer.verdict.binding)) return std::min(look_again, offer.verdict.ready_at);
    pass_over(offer.verdict.ready_at);
  }
  if (queue_.front(account) == nullptr && !jobs_->holds_any())
    for (uint32_t index : teachers) teachers_[index]->binding = limit::Dimension::kNone;
  return look_again;
}

/// Of several (SPREAD over one account) each has its turn as the first to be looked at, and whoever can go goes.
Harvester::Offer Harvester::offer_to(uint32_t account, const Ready& head, JobDesk& desk) {
  Offer best;
  const size_t count = head.candidates.size(), first = count > 1 ? head.place.ordinal % count : 0;
  for (size_t i = 0; i < count; ++i) {
    const Candidate& candidate = head.candidates[(first + i) % count];
    TeacherDesk& teacher = *teachers_[candidate.teacher];
    if (account_of_[candidate.teacher] != account || !teacher.may_ask()) continue;
    // What an alert stands before is not asked, whatever its window was read for.
    Offer offer{.candidate = &candidate, .may_ask = may_be_asked(teacher, *desk.spec), .at = now()};
    offer.has_twin = !desk.spec->job.fresh() && busy(candidate);
    if (!offer.may_ask.ok() || offer.has_twin) return offer;
    offer.demand = teacher.demand(candidate, head.sampling, text::day_of(utc_us()));
    offer.verdict = may_go(desk, candidate.teacher, offer.demand, offer.at);
    if (offer.verdict.granted) {
      offer.endpoint = teacher.line().endpoints.pick(offer.at);
      if (!offer.endpoint)
        offer.verdict = {.ready_at = teacher.line().endpoints.next_probe_at(), .binding = limit::Dimension::kBreaker};
    }
    desk.binding = desk.bound_at[candidate.teacher] = teacher.binding = offer.verdict.binding;
    if (offer.endpoint || limit::is_limit(offer.verdict.binding)) return offer;
    if (best.candidate == nullptr || offer.verdict.ready_at < best.verdict.ready_at) best = offer;
  }
  return best;
}

/// The teacher's limits, everybody's money, and what the job gives itself; all at one time.
limit::Verdict Harvester::may_go(JobDesk& desk, uint32_t index, const limit::Demand& demand, limit::Instant at) {
  if (in_flight_ >= options_.concurrency_max())
    return {.ready_at = limit::kNever, .binding = limit::Dimension::kConcurrency};
  if (desk.at_its_concurrency()) return {.ready_at = limit::kNever, .binding = limit::Dimension::kJobCeiling};
  const limit::Verdict verdict = teachers_[index]->may_go(demand, desk.payer(), at, utc_us());
  const limit::Ceiling* ceiling = desk.ceiling(index);
  return ceiling == nullptr ? verdict : limit::later(verdict, ceiling->ask(demand, at));
}

bool Harvester::holds_of_all(const Ready& head, JobDesk& desk, bool (*of)(const limit::Verdict&)) {
  return std::all_of(head.candidates.begin(), head.candidates.end(), [&](const Candidate& candidate) {
    TeacherDesk& teacher = *teachers_[candidate.teacher];
    const limit::Demand demand = teacher.demand(candidate, head.sampling, text::day_of(utc_us()));
    return of(teacher.may_pay(demand, desk.payer(), now(), utc_us()));
  });
}

/// No purse of it would ever hold so much: not a new day's, not a new month's.
bool Harvester::is_never_paid(const limit::Verdict& verdict) {
  return verdict.ready_at == limit::kNever &&
         (verdict.binding == limit::Dimension::kTeacherBudget || verdict.binding == limit::Dimension::kTenantBudget);
}

/// A group is asked as a whole or not at all.
bool Harvester::busy(const Candidate& candidate) const {
  return std::any_of(candidate.samples.begin(), candidate.samples.end(),
                     [this](const Candidate::Sample& sample) { return twins_.busy(sample.ticket); });
}

void Harvester::start_run(uint32_t index, size_t endpoint, limit::Permit permit, ReadyPtr ready) {
  JobDesk& desk = *jobs_->find(ready->place.job);
  QueryRun run{.ready = std::move(ready), .spec = desk.spec};
  for (const JobSpec::AskedTeacher& asked : desk.spec->teachers)
    if (asked.index == index) run.asked = &asked;
  assert(run.asked != nullptr);
  run.teacher = teachers_[index].get();
  // The cap that the permit reserves is the cap that the teacher is told: what nobody stated would bound nothing.
  run.ready->sampling.set_max_output_tokens(static_cast<uint32_t>(run.candidate().output_tokens_max));
  run.endpoint = endpoint;
  run.permit = permit;
  run.under_ceiling = desk.take_of_ceiling(index, permit);
  run.intent = make_intent(run);

  run.twin = !desk.spec->job.fresh();
  if (run.twin) start_twins(run.candidate());
  const bool asked_before = run.ready->attempts + run.ready->throttled + run.ready->crashes > 0;
  run.teacher->metrics.attempt(asked_before ? "retry" : "first");
  if (run.ready->attempts == 0) run.teacher->retries.first_attempt(now());
  ++in_flight_;
  ++desk.attempts;
  ++desk.begun;
  desk.in_flight += run.ready->queries();
  desk.online_at[index] += run.ready->queries();
  jobs_->leaves(run.ready->place);
  jobs_->refill(desk, desk.windows[run.ready->place.stream]);
  boost::asio::co_spawn(parts_.lane, run_query(*this, std::move(run)), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);  // a broken invariant: crash, recovery is a restart
  });
}

v1::Intent Harvester::make_intent(const QueryRun& run) {
  const limit::Permit& permit = run.permit;
  v1::Intent intent;
  intent.set_id(text::to_bytes(ulids_.next(utc_us())));
  intent.set_job_number(run.spec->number);
  intent.set_stream(run.ready->place.stream);
  intent.set_ordinal(run.ready->place.ordinal);
  intent.set_teacher(run.asked->config.name());
  intent.set_cost_max_picodollars(permit.reserved.cost_picodollars);
  intent.set_started_at_us(utc_us());
  intent.set_attempt(run.ready->attempts + 1);
  intent.set_crashes(run.ready->crashes);
  intent.set_budget_day(permit.day);
  intent.set_input_tokens(static_cast<uint64_t>(permit.reserved.input_tokens));
  intent.set_output_tokens(static_cast<uint64_t>(permit.reserved.output_tokens));
  if (run.ready->queries() > 1) intent.set_choices(run.ready->queries());
  run.ready->put_turn(intent);
  return intent;
}

void Harvester::keep_known(ReadyPtr ready) {
  JobDesk& desk = *jobs_->find(ready->place.job);
  jobs_->leaves(ready->place);
  jobs_->refill(desk, desk.windows[ready->place.stream]);
  const bool goes_on = ready->known->onward.next.has_value();
  const uint64_t ends = 1 + ready->known->onward.unasked;
  store::Change reuse = store::Reuse{ready->place,
                                     desk.spec->job.dataset(),
                                     std::move(ready->known->pair),
                                     ready->known->raw_bytes,
                                     ready->known->saved_picodollars,
                                     std::move(ready->known->onward)};
  store_.apply(std::move(reuse), [this, place = ready->place, goes_on, ends](LaneStore::Result result) {
    jobs_->left(place, result.status);
    JobDesk* job = jobs_->find(place.job);
    if (!result.status.ok()) parts_.metrics.store_error("reuse");
    if (!result.status.ok() || job == nullptr) return;
    parts_.metrics.pairs_committed(1);
    job->pairs.add(1);
    ++job->pairs_stored;
    if (goes_on && job->spec->samples_until == 0) jobs_->postponed_now(place.job, place.stream);
    ended(*job, ends);
  });
}

void Harvester::park(ReadyPtr ready) {
  JobDesk& desk = *jobs_->find(ready->place.job);
  jobs_->leaves(ready->place);
  jobs_->refill(desk, desk.windows[ready->place.stream]);
  store::Park change{.from = ready->place};
  change.to.set_ordinal(ready->place.ordinal);
  change.to.set_attempts(ready->attempts);
  change.to.set_throttled(ready->throttled);
  change.to.set_crashes(ready->crashes);
  change.to.set_due_at_us(utc_us() + kTwinLookAgainUs);
  change.to.set_twin(true);
  change.to.set_online(ready->online);
  ready->put_turn(change.to);
  const int64_t due_at_us = change.to.due_at_us();
  store::Change parked = std::move(change);
  store_.apply(std::move(parked), [this, place = ready->place, due_at_us](LaneStore::Result result) {
    jobs_->left(place, result.status);
    if (!result.status.ok()) return parts_.metrics.store_error("park");
    jobs_->postponed(place.job, place.stream, due_at_us);
    if (JobDesk* job = jobs_->find(place.job)) job->parked_until_us = due_at_us;
  });
}

}  // namespace harvest::flow

// Whether a teacher is still the one of before: who it says that it is, and what it answers to canaries.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "proto/text/money.h"
#include "proto/text/time.h"
#include "service/flow/harvester.h"
#include "service/observe/log.h"
#include "service/quality/answer_traits.h"

namespace harvest::flow {

namespace log = observe::log;

namespace {

constexpr std::chrono::seconds kCanaryTime{60};
constexpr std::chrono::seconds kRoomTime{30};  // then the round is put off
constexpr int64_t kAgainUs = 60'000'000;       // by so much
constexpr std::chrono::nanoseconds kLookEvery = std::chrono::milliseconds(20);
constexpr std::chrono::nanoseconds kLookSoonest = std::chrono::milliseconds(1);

}  // namespace

uint32_t Harvester::epoch_of(TeacherDesk& teacher, const dialect::Outcome& outcome, bool by_batch) {
  const v1::TeacherEpoch* began = teacher.drift.seen(
      {.model_reported = outcome.model_reported, .system_fingerprint = outcome.system_fingerprint}, utc_us(), by_batch);
  if (began != nullptr) tell_epoch(teacher, *began);
  keep_drift(teacher);
  return teacher.drift.epoch();
}

void Harvester::tell_epoch(TeacherDesk& teacher, const v1::TeacherEpoch& epoch) {
  if (!quality::is_change(epoch)) return;
  teacher.metrics.epoch(epoch.cause());
  log::warn("teacher_changed", {{"teacher", teacher.config().name()},
                                {"epoch", epoch.number()},
                                {"cause", epoch.cause()},
                                {"model_reported", epoch.model_reported()},
                                {"system_fingerprint", epoch.system_fingerprint()},
                                {"detail", epoch.detail()}});
}

/// Before what bears its epoch: the store keeps changes in their order.
void Harvester::keep_drift(TeacherDesk& teacher) {
  if (!teacher.drift.changed()) return;
  store_.apply(store::PutDrift{teacher.config().name(), teacher.drift.book()},
               [this, name = teacher.config().name()](LaneStore::Result result) {
                 if (result.status.ok()) return;
                 log::warn("drift_not_stored", {{"teacher", name}, {"reason", result.status.message()}});
                 teachers_[*teacher_index(name)]->drift.not_kept();
               });
}

/// Is some job asking it, or about to?
bool Harvester::is_asked(uint32_t index) const {
  return std::any_of(jobs_->desks().begin(), jobs_->desks().end(), [index](const auto& entry) {
    const JobDesk& desk = *entry.second;
    if (desk.paused || desk.cancelled || desk.remaining == 0) return false;
    const auto& asked = desk.spec->teachers;
    // Of a fallback's others, those that stand in.
    if (desk.spec->job.ask() == v1::FALLBACK && asked.front().index != index) {
      const auto online = desk.online_at.find(index);
      return online != desk.online_at.end() && online->second > 0;
    }
    return std::any_of(asked.begin(), asked.end(), [index](const auto& one) { return one.index == index; });
  });
}

void Harvester::ask_canaries() {
  for (uint32_t i = 0; i < teachers_.size(); ++i) {
    TeacherDesk& teacher = *teachers_[i];
    if (!canaries_due(teacher.config().drift(), teacher.drift.book(), teacher.canaries, utc_us())) continue;
    if (!may_ask() || !teacher.may_ask() || !teacher.priced(text::day_of(utc_us())) || !is_asked(i)) continue;
    teacher.canaries.under_way = true;
    ++in_flight_;
    boost::asio::co_spawn(parts_.lane, run_canaries(teacher), [this, &teacher](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);  // a broken invariant: crash
      teacher.canaries.under_way = false;
      off_the_wire();
    });
  }
}

runtime::Task<void> Harvester::run_canaries(TeacherDesk& teacher) {
  std::vector<uint64_t> asked;
  std::vector<quality::CanaryPanel::Answered> round;
  int64_t cost = 0;
  const uint32_t epoch = teacher.drift.epoch();
  for (const std::string& canary : teacher.config().drift().canaries()) {
    const ProbePlan plan = canary_plan(teacher.dialect(), teacher.config(), canary);
    absl::Status failed;
    const bool room = co_await room_for(teacher, plan);
    if (room) {
      absl::StatusOr<ProbeCall> call = co_await probe_once(teacher, plan, kCanaryTime);
      failed = call.status();
      if (call.ok()) {
        asked.push_back(quality::text_hash(canary));
        if (call->outcome.has_answer()) round.push_back({asked.back(), canary_answer(call->outcome)});
        cost += call->cost_picodollars;
      }
    }
    if (room && failed.ok()) continue;
    teacher.canaries.not_before_us = utc_us() + kAgainUs;
    log::info("canaries_put_off", {{"teacher", teacher.config().name()},
                                   {"reason", room ? std::string(failed.message()) : "no room within its limits"}});
    co_return;
  }
  // In a round that a change fell into, some answered before it and some after.
  if (epoch != 0 && epoch != teacher.drift.epoch()) {
    teacher.canaries.not_before_us = utc_us() + kAgainUs;
    co_return;
  }
  const v1::TeacherEpoch* began = teacher.drift.heard(asked, round, utc_us());
  if (began != nullptr) tell_epoch(teacher, *began);
  keep_drift(teacher);
  log::info("canaries_asked", {{"teacher", teacher.config().name()},
                               {"canaries", asked.size()},
                               {"told", teacher.drift.book().told()},
                               {"agreed", teacher.drift.book().agreed()},
                               {"cost_usd", text::format_usd(cost)}});
}

/// Waits until the teacher's limits let one call go. Where jobs take whatever is free, the next place is left to it.
runtime::Task<bool> Harvester::room_for(TeacherDesk& teacher, const ProbePlan& plan) {
  const limit::Instant until = now() + kRoomTime;
  bool granted = false;
  while (may_ask() && teacher.may_ask() && now() < until) {
    const limit::Verdict verdict = teacher.may_go(probe_demand(teacher, plan), {}, now(), utc_us());
    granted = verdict.granted;
    // Money, or what else does not come back by itself.
    if (granted || !limit::is_limit(verdict.binding)) break;
    teacher.canaries.waits = true;
    boost::asio::steady_timer timer(parts_.lane, std::clamp(verdict.ready_at - now(), kLookSoonest, kLookEvery));
    co_await timer.async_wait(runtime::kUseTask);
  }
  if (std::exchange(teacher.canaries.waits, false)) wake();
  co_return granted;
}

}  // namespace harvest::flow

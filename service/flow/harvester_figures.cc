// What the harvester counts at each tick: where queries stand, how teachers stand. What was waited for is counted in
// harvester_waits.cc.
#include <algorithm>
#include <array>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "proto/text/money.h"
#include "service/flow/harvester.h"
#include "service/observe/log.h"
#include "storage/store/tally.h"

namespace harvest::flow {

namespace log = observe::log;
using limit::Dimension;

namespace {

v1::BudgetStatus budget_status(const std::string& owner, const char* period, const limit::Budget& budget) {
  v1::BudgetStatus status;
  status.set_owner(owner);
  status.set_period(period);
  status.set_cap_usd(text::format_usd(budget.cap().value_or(0)));
  status.set_spent_usd(text::format_usd(budget.spent()));
  status.set_at_risk_usd(text::format_usd(budget.at_risk()));
  status.set_reserved_usd(text::format_usd(budget.reserved()));
  return status;
}

}  // namespace

void Harvester::leave_paused(const v1::JobRecord& record) {
  if (jobs_->find(record.number()) != nullptr) return;  // resumed before the start was through
  const v1::JobCounters& counters = record.counters();
  asleep_[record.number()] = {counters.queries() - std::min(store::ended(counters), counters.queries()),
                              cause_of_pause(record.reason())};
}

/// Every query that has not ended is in one of four states. Queries that are yet to be read from disk are ready when
/// they were never asked, and postponed otherwise. Nobody waits for what an operator has paused, job or teacher.
void Harvester::count_queries() {
  uint64_t ready = 0, postponed = 0, paused = 0;
  limit::Instant oldest = now();
  for (const auto& [job, asleep] : asleep_) paused += asleep.queries;
  uint64_t in_flight = in_flight_;
  for (const auto& [number, desk] : jobs_->desks()) {
    in_flight += desk->in_batches;
    const uint64_t left = open_queries(*desk);
    const uint64_t waiting = left - std::min(desk->in_flight, left);
    if (desk->paused) {
      paused += waiting;
      continue;
    }
    uint64_t may_go = 0, held = 0;
    for (const StreamWindow& window : desk->windows) {
      bool asked = false;
      for (schedule::StreamKey key : desk->queue_keys(window.stream)) {
        const std::vector<uint32_t> teachers = desk->queue_teachers(key);
        const bool goes =
            std::any_of(teachers.begin(), teachers.end(), [this](uint32_t i) { return !teachers_[i]->paused; });
        (goes ? may_go : held) += queue_.size(key);
        asked |= goes;
        if (const ReadyPtr* head = queue_.oldest(key); head != nullptr && goes)
          oldest = std::min(oldest, std::max((*head)->since, desk->resumed_at));
      }
      // Until the first read has told where the stream stands, all of it may go.
      const uint64_t fresh =
          window.next_fresh ? desk->spec->ordinals() - std::min(*window.next_fresh, desk->spec->ordinals()) : waiting;
      (asked ? may_go : held) += fresh;
    }
    may_go = std::min(may_go, waiting);
    held = std::min(held, waiting - may_go);
    ready += may_go;
    paused += held;
    postponed += waiting - may_go - held;
  }
  parts_.metrics.queue("ready", static_cast<double>(ready));
  parts_.metrics.queue("postponed", static_cast<double>(postponed));
  parts_.metrics.queue("paused", static_cast<double>(paused));
  parts_.metrics.queue("in_flight", static_cast<double>(in_flight));
  parts_.metrics.oldest_ready_age(std::chrono::duration<double>(now() - oldest).count());
}

void Harvester::count_teachers() {
  constexpr std::array kLimits{Dimension::kRequests, Dimension::kInputTokens,    Dimension::kOutputTokens,
                               Dimension::kTokens,   Dimension::kRequestsPerDay, Dimension::kConcurrency};
  for (const auto& teacher : teachers_) {
    const limit::Limiter& limiter = teacher->limiter;
    observe::TeacherMetrics& metrics = teacher->metrics;
    metrics.in_flight(static_cast<double>(teacher->in_flight()));
    metrics.limit_effective(limiter.effective_ratio());
    metrics.concurrency_limit(
        static_cast<double>(std::min<int64_t>(limiter.concurrency_bound(), options_.concurrency_max())));
    bool open = false;
    for (size_t i = 0; i < teacher->line().endpoints.size(); ++i) open |= !teacher->line().endpoints.healthy(i);
    metrics.breaker(open);
    // A dimension without a limit has no use of it: a zero would look like a limit that nobody uses.
    for (Dimension dimension : kLimits)
      if (limiter.limited(dimension))
        metrics.limit_utilization(limit::name_of(dimension), limiter.utilization(dimension, now()));
    if (const limit::Purse& purse = teacher->purse; purse.capped())
      metrics.limit_utilization(limit::name_of(Dimension::kTeacherBudget),
                                std::max(purse.today().used_share(), purse.month().used_share()));
  }
}

void Harvester::warn_of_budget(const std::string& owner, const char* period, const limit::Budget& budget) {
  const auto percent = budget_watch_.passed(absl::StrCat(owner, "/", period), budget);
  if (!percent) return;
  const v1::BudgetStatus status = budget_status(owner, period, budget);
  log::warn("budget_warning", {{"owner", owner},
                               {"period", period},
                               {"percent", *percent},
                               {"cap_usd", status.cap_usd()},
                               {"spent_usd", status.spent_usd()},
                               {"at_risk_usd", status.at_risk_usd()}});
}

std::vector<v1::BudgetStatus> Harvester::watch_budgets() {
  for (const auto& [number, desk] : jobs_->desks())
    if (desk->budget.cap()) warn_of_budget(absl::StrCat("job ", desk->spec->id), "job", desk->budget);
  std::vector<v1::BudgetStatus> capped;
  const auto look_at = [&](const std::string& owner, const char* period, const limit::Budget& budget) {
    if (!budget.cap()) return;
    warn_of_budget(owner, period, budget);
    capped.push_back(budget_status(owner, period, budget));
  };
  const auto look_into = [&](const std::string& owner, const limit::Purse& purse) {
    look_at(owner, "day", purse.today());
    look_at(owner, "month", purse.month());
  };
  for (const auto& teacher : teachers_) look_into(absl::StrCat("teacher ", teacher->config().name()), teacher->purse);
  for (const auto& [name, tenant] : tenants_.all()) look_into(absl::StrCat("tenant ", name), tenant->purse);
  return capped;
}

}  // namespace harvest::flow

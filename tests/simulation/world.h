#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "harvest/v1/teacher.pb.h"
#include "service/flow/retry_budget.h"
#include "service/flow/retry_policy.h"
#include "service/limit/limiter.h"
#include "service/limit/wallet.h"
#include "service/schedule/fair_queue.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/model_store.h"
#include "tests/simulation/model_teacher.h"
#include "tests/simulation/random.h"

namespace harvest::simulation {

/// One simulated harvest, drawn from its seed: jobs, a teacher with limits and bad manners, a network, crashes.
///
///   World world(seed);
///   std::string broken = world.run();   // empty, or the promise that was broken and when
///
/// The deciding parts are the service's own; flow's part (what calls what) is played by this class, the store by
/// ModelStore and the vendor by ModelTeacher. A crash forgets everything but the store, and the vendor goes on with
/// what it has.
class World {
 public:
  explicit World(uint64_t seed);
  std::string run();

  bool limits_known() const { return limits_known_; }
  int64_t attempts() const { return attempts_; }
  int64_t over_limit() const { return over_limit_; }

 private:
  struct Attempt {
    uint64_t intent = 0;
    limit::Permit permit;
    int64_t epoch = 0;
  };
  /// What a crash forgets.
  struct Memory {
    Memory(const v1::Limits& limits, std::optional<int64_t> day_cap) : limiter(limits), purse({.day = day_cap}) {}
    limit::Limiter limiter;
    limit::Purse purse;
    schedule::FairQueue<uint32_t> queue;
    flow::RetryBudget retries;
    std::vector<limit::Budget> budgets;
    std::vector<int64_t> in_flight;
    std::vector<bool> blocked;
  };

  void draw_limits();
  void draw_jobs();
  void start();
  void crash();
  void restore();
  void enqueue(uint32_t query);
  void pump();
  limit::Wallet wallet(uint32_t job) { return {.job = &memory_->budgets[job], .teacher = &memory_->purse}; }
  void wake_at(Time when);
  void no_money(uint32_t job);
  void send(uint32_t query, const limit::Demand& demand, const limit::Permit& permit);
  void arrive(const Attempt& attempt, uint32_t query, uint32_t job);
  void replied(const Attempt& attempt, uint32_t query, const Reply& reply);
  void settle(const Attempt& attempt, uint32_t query, const Reply& reply, const limit::Actual& actual);
  void decide(uint32_t query, const Reply& reply);
  void end(uint32_t query);
  void unblock(uint32_t job);

  int64_t cost(int64_t input_tokens, int64_t output_tokens) const { return input_tokens * 3 + output_tokens * 12; }
  int64_t utc_us() const { return events_.now().count() / 1000; }
  schedule::StreamKey key(uint32_t job) const { return {.job = job}; }
  void check_money();
  void fail(const std::string& what);

  Random random_;
  EventQueue events_;
  v1::Limits told_;
  Manners manners_;
  std::optional<int64_t> day_cap_;
  bool limits_known_ = true;
  Time jitter_{0};

  ModelStore store_;
  std::unique_ptr<ModelTeacher> teacher_;
  std::unique_ptr<Memory> memory_;
  flow::RetryPolicy retry_;
  int64_t epoch_ = 0;
  struct OpenIntent {
    Intent intent;
    Time until;  ///< the vendor may be at it so long
  };
  std::vector<OpenIntent> still_open_;  ///< found open after a crash
  Time wake_ = Time::max();

  size_t resting_ = 0;
  int64_t attempts_ = 0;
  int64_t over_limit_ = 0;
  std::string broken_;
};

}  // namespace harvest::simulation

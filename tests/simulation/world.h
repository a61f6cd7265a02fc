#pragma once

#include <memory>
#include <string>
#include <vector>

#include "service/flow/retry_budget.h"
#include "service/flow/retry_policy.h"
#include "service/limit/limiter.h"
#include "service/limit/wallet.h"
#include "service/schedule/fair_queue.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/fairness_watch.h"
#include "tests/simulation/model_store.h"
#include "tests/simulation/model_teacher.h"
#include "tests/simulation/random.h"
#include "tests/simulation/refusal_watch.h"
#include "tests/simulation/setting.h"

namespace harvest::simulation {

/// One simulated harvest, drawn from its seed (setting.h).
///
///   World world(seed);
///   std::string broken = world.run();   // empty, or the promise that was broken, when, and by how much
///
/// The deciding parts are the service's own; flow's part (what calls what) is played by this class, the store by
/// ModelStore and the vendors by ModelTeacher. A crash forgets everything but the store, and the vendors go on with
/// what they have. Checked as it goes: what is refused and when anything is sent (RefusalWatch), who is served
/// (FairnessWatch), what is booked and billed (ModelStore); that every query comes to rest once, and in time.
class World {
 public:
  explicit World(uint64_t seed);
  std::string run();

  int64_t attempts() const { return attempts_; }
  int64_t refusals() const;

 private:
  struct Attempt {
    uint64_t intent = 0;
    uint32_t query = 0, teacher = 0;
    limit::Permit permit;
    int64_t epoch = 0;
  };
  /// What a crash forgets of a teacher.
  struct Desk {
    Desk(const TeacherSetting& teacher, bool estimates_put_right)
        : limiter(teacher.told), purse(teacher.caps), fairness(estimates_put_right) {}
    limit::Limiter limiter;
    limit::Purse purse;
    flow::RetryBudget retries;
    FairnessWatch fairness;
    Time wake = Time::max();
    Time note_again_at{0};  ///< what was found is put on disk now and then
    bool note_due = false;  ///< at note_again_at
  };
  struct JobDesk {
    limit::Budget budget;
    int64_t in_flight = 0;
    bool starved = false;  ///< of its own money; something may come back
    bool present = false;
  };
  struct TenantDesk {
    limit::Purse purse;
    bool closed = false;  ///< its purse is empty, until something comes back or a day begins
  };
  /// What a crash forgets.
  struct Memory {
    std::vector<Desk> desks;
    std::vector<JobDesk> jobs;
    std::vector<TenantDesk> tenants;
    schedule::FairQueue<uint32_t> queue;
  };

  // The run of the process: world.cc.
  void start();
  void crash();
  void restore();
  void change_limits(uint32_t teacher);
  void enqueue(uint32_t query);
  void wake_at(uint32_t teacher, Time when);
  void pump();
  void pump(uint32_t teacher);
  /// The front may not go. False where nothing of this teacher may.
  bool held_up(uint32_t teacher, uint32_t query, const limit::Verdict& verdict);
  void open_tenant(uint32_t tenant);
  /// Whether the job's stream may go, and whether it has anything to send, for the watches.
  void note(uint32_t job);

  // One attempt after the other: world_attempts.cc.
  /// From the queue, of which it is the front.
  void take(uint32_t query, uint32_t teacher);
  void send(uint32_t query, uint32_t teacher, const limit::Demand& demand);
  void arrive(const Attempt& attempt);
  void replied(const Attempt& attempt, const Reply& reply);
  void settle(const Attempt& attempt, const Reply& reply, const limit::Actual& actual);
  void note_found(uint32_t teacher);
  void decide(const Attempt& attempt, const Reply& reply);
  void end(uint32_t query);

  limit::Demand demand(uint32_t query, uint32_t teacher) const;
  int64_t cost(uint32_t teacher, int64_t input_tokens, int64_t output_tokens) const;
  const schedule::Share& share(uint32_t job) const { return setting_.jobs[job].share; }
  limit::Wallet wallet(uint32_t job, uint32_t teacher);
  Time now() const { return events_.now(); }
  int64_t utc_us() const { return events_.now().count() / 1000; }
  static schedule::StreamKey key(uint32_t job) { return {.job = job}; }
  Time deadline() const;
  void fail(const std::string& what);

  const uint64_t seed_;
  Random random_, aside_;
  EventQueue events_;
  const Setting setting_;
  ModelStore store_;
  std::vector<std::unique_ptr<ModelTeacher>> teachers_;
  std::vector<RefusalWatch> refusals_;
  std::vector<v1::Limits> told_;  ///< by now
  std::unique_ptr<Memory> memory_;
  const flow::RetryPolicy retry_;
  int64_t epoch_ = 0;
  struct OpenIntent {
    Intent intent;
    Time until;  ///< the vendor may be at it so long
  };
  std::vector<OpenIntent> still_open_;  ///< found open after a crash

  size_t resting_ = 0;
  int64_t attempts_ = 0;
  std::string broken_;
};

}  // namespace harvest::simulation

#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "harvest/v1/config.pb.h"
#include "proto/text/ulid.h"
#include "service/flow/batch_draft.h"
#include "service/flow/batch_members.h"
#include "service/flow/batch_route.h"
#include "service/flow/batch_run.h"
#include "service/flow/budget_watch.h"
#include "service/flow/gauge_watch.h"
#include "service/flow/job_book.h"
#include "service/flow/judgement.h"
#include "service/flow/lane_store.h"
#include "service/flow/live_board.h"
#include "service/flow/probe.h"
#include "service/flow/query_run.h"
#include "service/flow/race.h"
#include "service/flow/retry_policy.h"
#include "service/flow/teacher_desk.h"
#include "service/flow/tenant_desk.h"
#include "service/flow/twins.h"
#include "service/observe/metrics.h"
#include "service/runtime/clock.h"

namespace harvest::flow {

/// Through: takes the next query of the fair queue as soon as its teacher's limits grant a permit, and runs it.
///
/// Everything that decides lives on the decision lane: queue, limits, budgets, twins. The harvester owns them, wakes
/// when something changed (an answer, a read, a command, a limit's ready time), and starts what may go now. Commands
/// come from Control, posted to the lane; figures leave by the LiveBoard. Start here, then query_run.cc.
class Harvester {
 public:
  struct Parts {
    boost::asio::io_context& lane;
    store::Store& store;
    transport::Transport& transport;
    const runtime::Clock& clock;
    observe::Metrics& metrics;
    LiveBoard& board;
  };
  Harvester(Parts parts, v1::HarvestOptions options, StreamReader::MayReuse may_reuse);
  ~Harvester();

  // ---- set-up, before start() ----
  void add_teacher(std::unique_ptr<TeacherDesk> desk);
  TenantDesks& tenants() { return tenants_; }

  // ---- commands; decision lane ----
  void start();
  /// A job that runs, or runs again. Nothing happens for one that is open already, but its pause ends.
  void open_job(const v1::JobRecord& record);
  /// A job of which nothing more is asked for now (paused, cancelled), and whose batches an earlier run left open.
  void open_for_batches(const v1::JobRecord& record);
  /// A job that is paused as the service starts: nothing of it is read, its queries count as paused.
  void leave_paused(const v1::JobRecord& record);
  void pause_job(uint64_t job);
  /// Nothing more of it is asked; it goes once its attempts in flight are at rest.
  void cancel_job(uint64_t job);
  void retune_job(const v1::JobRecord& record);
  /// Lowers or raises a job's cap, where what is booked and what attempts in flight have reserved stands under it.
  /// INVALID_ARGUMENT says how much that is, and nothing is changed.
  absl::Status try_cap(uint64_t job, int64_t cap_picodollars);
  /// `count` ended queries wait again, due now, or are asked again in their turn.
  void requeued(const v1::JobRecord& record, uint64_t count);
  /// It is known whether a sample of this stream was accepted, and the store has it: the next one is due (`ask`), or
  /// the samples after it need no asking.
  void sample_decided(uint64_t job, uint32_t stream, bool ask);
  void set_halted(bool halted);
  /// As the store has it by now.
  void set_teacher(const store::SetTeacherState& change);
  /// As the store has them by now: what stands between training jobs and a model's family.
  void set_alerts(std::vector<v1::RightsAlert> alerts);
  void set_prices(const v1::Teacher& priced);
  void set_disk(bool low, uint64_t free_bytes);
  /// Asks a teacher one cheap question (probe.h), whatever its state, within its limits and booked to its day. `done`
  /// hears of it on the decision lane.
  using Probed = std::function<void(absl::StatusOr<v1::ProbeReply>)>;
  void probe(const std::string& name, bool record, Probed done);
  /// Starts nothing more; calls back when all attempts in flight are at rest.
  void drain(std::function<void()> drained);

  std::optional<uint32_t> teacher_index(const std::string& name) const;
  /// What a job has waited for until now.
  v1::WaitBook waits(uint64_t job) const;

  // ---- events of a query run (query_run.cc) ----
  LaneStore& store() { return store_; }
  int64_t utc_us() const { return parts_.clock.utc_us(); }
  void left_place(const QueryRun& run, const absl::Status& status);
  /// The intent could not be written: nothing was sent, the query is where it was.
  void unsent(const QueryRun& run);
  Judgement judge(QueryRun& run, const dialect::HttpExchange& exchange, const dialect::Outcome& outcome);
  void at_rest(const QueryRun& run, const Judgement& judgement, const absl::Status& status);

  // ---- events of a hedged run (race.h) ----
  boost::asio::io_context& lane() { return parts_.lane; }
  /// Where a second call may be made now, the race gets it, with its permit and its intent.
  bool try_hedge(Race& race);
  /// It is not made after all.
  void hedge_unsent(Race& race);
  /// One of its calls is out, or has an answer, and no query waits for it: its job stays open for it.
  void expect_late_call(const Race& race);
  /// A call of a race failed while the other one goes on, or failed too: what it may have cost, in picodollars.
  int64_t call_failed(const Race& race, const Race::Call& call);
  /// What no query waited for has ended. Takes its exchange's body.
  void late_call_ended(const Race& race, Race::Call& call);

  // ---- events of a batch run (batch_*.cc); those that return false: the service ends ----
  /// One call to the vendor's batch interface.
  runtime::Task<dialect::HttpExchange> call(TeacherDesk& teacher, dialect::HttpRequest request);
  runtime::Task<bool> pause(std::chrono::seconds length);
  /// Its row goes to the disk, however long that takes.
  runtime::Task<bool> note(const BatchRun& run);
  /// Of an earlier run's batch: no other attempt at its queries is begun, where none is under way.
  runtime::Task<void> hold_twins(BatchRun& run);
  /// The requests of its members.
  runtime::Task<std::vector<dialect::BatchMember>> encode(const BatchRun& run);
  /// What a body of results says of these members; those it names are taken out of them.
  runtime::Task<absl::StatusOr<std::vector<MemberEnd>>> read(const BatchRun& run, dialect::HttpExchange exchange,
                                                             std::vector<v1::Intent>& members);
  /// Judges and keeps what became of members.
  runtime::Task<void> settle(const BatchRun& run, std::vector<MemberEnd> ends);
  /// Why it is not to be handed in any more: its job was cancelled or may not go on, or it would come too late.
  absl::Status may_still_ask(const BatchRun& run) const;
  /// May it be handed in now, or is it to be dissolved? Else it waits.
  bool may_hand_in(const BatchRun& run) const;
  /// Is this a batch of ours, as the store has them?
  bool knows_batch(const std::string& teacher, const std::string& vendor_id) const;
  /// Until it is looked at again: `usual`, or when it is late.
  std::chrono::seconds until_look(const BatchRun& run, std::chrono::seconds usual) const;
  void halted_by_batch(const BatchRun& run, const dialect::Outcome& outcome);
  /// The vendor takes no such batch: the job pauses and says why.
  void stop_batches_of(const BatchRun& run, const std::string& reason);
  void over(const BatchRun& run);

 private:
  struct ProbeCall {
    dialect::HttpRequest request;
    dialect::HttpExchange exchange;
    dialect::Outcome outcome;
    std::string endpoint;
    int64_t cost_picodollars = 0;
  };
  runtime::Task<absl::StatusOr<v1::ProbeReply>> run_probe(TeacherDesk& teacher, bool record);
  limit::Demand probe_demand(const TeacherDesk& teacher, const ProbePlan& plan) const;
  runtime::Task<absl::StatusOr<ProbeCall>> probe_once(TeacherDesk& teacher, const ProbePlan& plan,
                                                      std::chrono::nanoseconds time_max);

  void wake();
  void pump();
  /// Starts what the teachers of this account may be asked now; the time at which to look again.
  limit::Instant pump_account(uint32_t account, int& quota);
  /// A query at the head of an account's rounds, and which of its teachers would be asked.
  struct Offer {
    const Candidate* candidate = nullptr;  ///< null: none of them may be asked
    absl::Status may_ask;                  ///< that an alert stands before it
    bool has_twin = false;                 ///< an identical query is under way
    limit::Instant at{};
    limit::Demand demand;
    limit::Verdict verdict;          ///< why it cannot go, and until when
    std::optional<size_t> endpoint;  ///< where it goes, if it can
  };
  Offer offer_to(uint32_t account, const Ready& head, JobDesk& desk);
  limit::Verdict may_go(JobDesk& desk, uint32_t index, const limit::Demand& demand, limit::Instant at);
  /// What an attempt, or one call of it, holds of its teacher's limits, of money, and of what its job may have.
  struct Holding {
    TeacherDesk& teacher;
    uint32_t index;
    const limit::Permit& permit;
    bool under_ceiling;
  };
  static Holding held_by(const QueryRun& run) {
    return {*run.teacher, run.asked->index, run.permit, run.under_ceiling};
  }
  static Holding held_by(const Race& race, const Race::Call& call) {
    return {race.teacher, race.asked.index, call.permit, call.under_ceiling};
  }
  void settle_permit(const Holding& held, JobDesk& desk, const limit::Actual& actual);
  limit::Actual hear_of_call(const Race& race, const Race::Call& call);
  void start_run(uint32_t index, size_t endpoint, limit::Permit permit, ReadyPtr ready);
  /// Gathers what goes to this teacher by batch (harvester_batches.cc); the time at which to look again.
  limit::Instant gather(uint32_t index, int& quota);
  using DraftKey = std::pair<uint64_t, uint32_t>;  // job, stream
  BatchDraft* draft_of(const JobDesk& desk, uint32_t stream, const TeacherDesk& teacher);
  void take_member(DraftKey key, const limit::Permit& permit, ReadyPtr ready, size_t bytes);
  void seal(DraftKey key);
  RouteQuestion route_question(const JobSpec& spec, const JobSpec::AskedTeacher& asked) const;
  bool by_batch(const JobSpec& spec, uint32_t stream) const;
  void start_batch(v1::Batch row, const std::shared_ptr<const JobSpec>& spec, bool in_doubt);
  /// Batches that an earlier run left with their vendor.
  void resume_batches(JobDesk& desk);
  uint64_t batches_open(const std::string& teacher) const;
  v1::Intent make_intent(const QueryRun& run);
  bool cancelled(const BatchRun& run) const;
  store::Change give_back(const QueryRun& member, const std::string& why);
  QueryRun member_run(const BatchRun& run, ReadyPtr ready, v1::Intent intent) const;
  void keep_known(ReadyPtr ready);
  void park(ReadyPtr ready);
  void out_of_money(JobDesk& desk);
  static bool is_never_paid(const limit::Verdict& verdict);
  /// Of what every teacher that the query may go to would have to be paid.
  bool holds_of_all(const Ready& head, JobDesk& desk, bool (*of)(const limit::Verdict&));
  static absl::Status too_dear(const JobDesk& desk, const TeacherDesk& teacher, const limit::Demand& demand,
                               const limit::Verdict& verdict);
  void stop_job(JobDesk& desk, const std::string& reason);
  /// A call cost more than its bound. Where a cap stands on such bounds, nothing more is asked until somebody has seen
  /// it.
  void overbilled(const TeacherDesk& teacher, JobDesk& desk, const limit::Permit& permit, const limit::Actual& actual);
  /// A call is at rest, whatever it came to; the last one ends a drain.
  void off_the_wire();
  void batch_sleeps();
  void end_drain();
  void start_twins(const Candidate& candidate);
  void finish_twins(const QueryRun& run, size_t answered);
  bool busy(const Candidate& candidate) const;
  void ended(JobDesk& desk, uint64_t queries);
  void close_if_done(uint64_t job);
  uint64_t open_queries(const JobDesk& desk) const;
  /// `until_us`: the vendor named the moment; 0: until an operator lifts it.
  void halt_teacher(TeacherDesk& teacher, const std::string& reason, int64_t until_us = 0);
  void note_halt(const TeacherDesk& teacher);
  /// What a call outside of a query's judgement says of whether the vendor still serves this teacher.
  void note_standing(TeacherDesk& teacher, const dialect::Outcome& outcome, limit::Instant sent_at);
  /// The vendor serves this teacher no more: it is halted, and what touches its rights is told.
  void halted_by(TeacherDesk& teacher, const dialect::Outcome& outcome);
  void lift_ended_halts();
  void note_found_limits();
  void note_vendor_days();
  /// A job that was paused runs again.
  void go_on(v1::JobRecord record);
  bool is_ours(uint64_t job) const;
  /// What was refused at `sent_at` was about the key, and there is another by now: it may be asked again.
  bool renew_key(TeacherDesk& teacher, const dialect::Outcome& outcome, limit::Instant sent_at);
  /// Is the key that the configuration points at another than before?
  bool read_key(TeacherDesk& teacher);
  /// Raises the alert that this outcome is, if it is one.
  void hear_of_rights(const TeacherDesk& teacher, const dialect::Outcome& outcome);
  void raise_alert(const TeacherDesk& teacher, v1::AlertCause cause, const dialect::Outcome& outcome);
  void tick();
  void arm_tick();
  void stop_where_it_may_not_go_on(JobDesk& desk);
  void stop_asking(JobDesk& desk, const absl::Status& why);
  /// No alert stands between this teacher and the job's use.
  absl::Status may_be_asked(const TeacherDesk& teacher, const JobSpec& spec) const;
  void notice_dead_jobs();
  std::vector<FallbackTeacher> fallback_teachers(const JobSpec& spec) const;
  /// Of a FALLBACK job: who is asked after this teacher's attempt ended so.
  std::string next_teacher(const JobSpec& spec, const JobSpec::AskedTeacher& asked, Decision::Verb verb) const;
  /// Of a FALLBACK job: which of its teachers stands in for which (fallback_route.h).
  FallbackRoute route(const JobSpec& spec) const;
  bool is_stood_in_for(const JobSpec& spec, uint32_t index) const;
  /// The job's own, or the configuration's (harvester_quality.cc).
  const v1::Guard& guard_of(const JobSpec& spec) const;
  std::vector<quality::AnswerTraits> look_at(const QueryRun& run, JobDesk& desk, const dialect::Outcome& outcome,
                                             size_t settled);
  void stop_where_guarded(const QueryRun& run, JobDesk& desk);
  /// The epoch that an answer of this teacher bears (harvester_drift.cc); one that begins with it is told and kept.
  uint32_t epoch_of(TeacherDesk& teacher, const dialect::Outcome& outcome, bool by_batch);
  void tell_epoch(TeacherDesk& teacher, const v1::TeacherEpoch& epoch);
  void keep_drift(TeacherDesk& teacher);
  bool is_asked(uint32_t index) const;
  void ask_canaries();
  runtime::Task<void> run_canaries(TeacherDesk& teacher);
  runtime::Task<bool> room_for(TeacherDesk& teacher, const ProbePlan& plan);
  limit::Dimension binding_of(const JobDesk& desk) const;
  bool waits_for_labels(const JobDesk& desk) const;
  void publish_figures();
  /// Warns where a cap is nearly used; every cap of a teacher or tenant, for those who ask.
  std::vector<v1::BudgetStatus> watch_budgets();
  void warn_of_budget(const std::string& owner, const char* period, const limit::Budget& budget);
  void count_queries();
  void count_teachers();
  /// What every job and teacher has waited for since the last tick (harvester_waits.cc).
  void count_waits();
  JobNow stands(const JobDesk& desk, const JobSpec::AskedTeacher& asked) const;
  void begin_waits(JobDesk& desk, const v1::JobRecord& record);
  void note_waits(JobDesk& desk);
  void end_waits(JobDesk& desk);
  limit::Instant now() const { return parts_.clock.now(); }
  bool may_ask() const { return !halted_ && !disk_low_ && !draining_ && !store_stalled_; }

  Parts parts_;
  v1::HarvestOptions options_;
  LaneStore store_;
  RetryPolicy retry_;
  Twins twins_;
  ReadyQueue queue_;
  std::vector<std::unique_ptr<TeacherDesk>> teachers_;
  std::vector<std::vector<uint32_t>> accounts_;  ///< teachers that share their limits; one of them, mostly
  std::vector<uint32_t> account_of_;             ///< by teacher
  TenantDesks tenants_;
  std::unique_ptr<JobBook> jobs_;
  std::vector<v1::RightsAlert> alerts_;
  text::UlidSource ulids_;
  std::mt19937_64 random_{std::random_device{}()};
  boost::asio::steady_timer wake_timer_, tick_timer_;
  bool wake_posted_ = false;
  bool halted_ = false;
  bool disk_low_ = false;
  bool store_stalled_ = false;
  bool draining_ = false;
  bool stopped_ = false;
  uint64_t in_flight_ = 0;
  uint64_t batches_busy_ = 0;  ///< batch runs that are not asleep
  std::map<DraftKey, BatchDraft> drafts_;
  std::map<uint64_t, v1::Batch> batches_;  ///< that are under way, by number
  uint64_t next_batch_ = 1;
  uint64_t free_bytes_ = 0;
  struct Asleep {
    uint64_t queries = 0;    ///< that have not ended
    std::string_view cause;  ///< of the pause
  };
  std::map<uint64_t, Asleep> asleep_;  ///< jobs paused and not open
  struct Leaving {
    uint64_t turn = 0;
    v1::WaitBook waits;
  };
  std::map<uint64_t, Leaving> waits_leaving_;  ///< of jobs that closed, until the store has them
  uint64_t leavings_ = 0;
  limit::Instant waits_counted_at_{};
  BudgetWatch budget_watch_;
  GaugeWatch gauge_watch_;
  std::function<void()> drained_;
};

}  // namespace harvest::flow

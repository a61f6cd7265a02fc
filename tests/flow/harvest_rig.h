#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "service/flow/control.h"
#include "service/flow/harvester.h"
#include "service/flow/intake.h"
#include "service/flow/live_board.h"
#include "service/flow/teacher_directory.h"
#include "service/observe/metrics.h"
#include "service/runtime/lane.h"
#include "storage/store/store.h"
#include "tests/flow/fake_transport.h"

namespace harvest::flow::test {

/// The system's time, and a UTC that can be put forward.
class ShiftedClock final : public runtime::Clock {
 public:
  std::chrono::nanoseconds now() const override { return system_.now(); }
  int64_t utc_us() const override { return system_.utc_us() + ahead_us; }
  std::atomic<int64_t> ahead_us{0};

 private:
  runtime::SystemClock system_;
};

/// Intake, harvester and control on a real store, with a scripted teacher in place of the network.
class HarvestRig {
 public:
  explicit HarvestRig(FakeTransport::Script script) : HarvestRig(std::move(script), {teacher("t", "m")}) {}
  HarvestRig(FakeTransport::Script script, std::vector<v1::Teacher> teachers);
  ~HarvestRig();
  /// Ends harvester and control, and begins anew on the same store as a restarted daemon does.
  void restart(std::vector<v1::Teacher> teachers);

  /// The same after a crash: the store is opened anew without having been closed.
  void restart_after_crash(std::vector<v1::Teacher> teachers);

  /// What the next start reads beside the teachers: tenants, say.
  v1::Config& config() { return config_; }

  /// Free, permitted for training, without limits.
  static v1::Teacher teacher(const std::string& name, const std::string& model = "m");
  static v1::Job job(std::vector<std::string> teachers = {"t"});

  /// Submits `prompts` and returns the job's id; REQUIREs success.
  std::string submit(const v1::Job& job, const std::vector<std::string>& prompts);
  absl::StatusOr<std::string> try_submit(const v1::Job& job, const std::vector<std::string>& prompts);
  absl::StatusOr<std::string> try_submit_lines(const v1::Job& job, const std::vector<v1::Prompt>& lines);
  /// Waits (at most 20 s) until the job is in this state with nothing in flight.
  v1::JobStatus await(const std::string& id, v1::JobState state);
  void await_answered(const std::string& id, uint64_t answered);
  std::vector<v1::Pair> pairs(const std::string& dataset = "d");
  std::vector<v1::Ending> endings(const std::string& id);
  /// Runs on the decision lane, and waits for it.
  void on_lane(const std::function<void()>& work);
  /// Runs `work` on the lane now and then until it says true; REQUIREs that within 20 s.
  void await_on_lane(const std::function<bool()>& work);

  Control& control() { return *control_; }
  FakeTransport& transport() { return *transport_; }
  store::Store& store() { return *store_; }
  Harvester& harvester() { return *harvester_; }
  ShiftedClock& clock() { return clock_; }
  /// Do the rights of whoever answered permit what an answer is to be used for again?
  std::atomic<bool> may_reuse{true};

 private:
  void start(std::vector<v1::Teacher> teachers);
  void stop();

  std::filesystem::path directory_;
  const FakeTransport::Script script_;
  v1::Config config_;
  ShiftedClock clock_;
  observe::Metrics metrics_{"test"};
  std::unique_ptr<store::Store> store_;
  TeacherDirectory teachers_;
  LiveBoard board_;
  std::unique_ptr<runtime::Lane> lane_;
  std::unique_ptr<FakeTransport> transport_;
  std::unique_ptr<Harvester> harvester_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<Control> control_;
  int submissions_ = 0;
};

/// What a dollar a million tokens costs, either way.
v1::Teacher priced(v1::Teacher teacher = HarvestRig::teacher("t"));
/// "question 0", "question 1", …
std::vector<std::string> numbered(int count, const std::string& what = "question");
/// Does what is asked hold this text?
bool asks(const dialect::HttpRequest& request, const std::string& text);

}  // namespace harvest::flow::test

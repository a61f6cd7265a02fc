#pragma once

#include <boost/asio/post.hpp>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harvest/v1/control.pb.h"
#include "service/flow/harvester.h"
#include "service/flow/intake.h"
#include "service/flow/live_board.h"

namespace harvest::flow {

/// The only changer of running state: each verb is durable first, then told to the harvester. Also what status answers.
///
/// Blocking: called from API threads, never from a lane. Any thread. NOT_FOUND names what was not found.
class Control {
 public:
  struct Parts {
    store::Store& store;
    Harvester& harvester;
    boost::asio::io_context& lane;  ///< the harvester's
    Intake& intake;
    TeacherDirectory& teachers;
    const LiveBoard& board;
    const runtime::Clock& clock;
  };
  explicit Control(Parts parts) : parts_(parts) {}

  absl::StatusOr<v1::JobStatus> commit(const v1::CommitDraftRequest& request);
  std::vector<v1::JobStatus> jobs() const;
  absl::StatusOr<v1::JobStatus> job(const std::string& id) const;
  absl::StatusOr<v1::JobStatus> pause_job(const std::string& id, const std::string& reason);
  absl::StatusOr<v1::JobStatus> resume_job(const std::string& id);
  absl::StatusOr<v1::JobStatus> cancel_job(const std::string& id, const std::string& reason);
  absl::StatusOr<v1::JobStatus> retry_job(const std::string& id);
  /// A new job: truncated_retry.h. The same command finds the same one.
  absl::StatusOr<v1::JobStatus> retry_truncated(const v1::RetryJobRequest& request, const Caller& caller);
  /// A job that its cap or deadline had paused goes on under a larger or later one.
  absl::StatusOr<v1::JobStatus> retune_job(const v1::RetuneJobRequest& request);
  /// What a job would cost and take; a plan that is kept goes with the job that is submitted over the same prompts.
  absl::StatusOr<v1::Plan> plan(const v1::PlanJobRequest& request, const Caller& caller);
  /// What it waited for until now, or until it ended, and what would make it faster.
  absl::StatusOr<v1::Explanation> explain(const std::string& id) const;

  std::vector<v1::TeacherStatus> teachers() const;
  absl::StatusOr<v1::TeacherStatus> pause_teacher(const std::string& name, const std::string& reason);
  /// Ends a pause and lifts a halt.
  absl::StatusOr<v1::TeacherStatus> resume_teacher(const std::string& name);

  /// Waits for the teacher, as long as its time-outs let it.
  absl::StatusOr<v1::ProbeReply> probe_teacher(const std::string& name, bool record);
  /// All or none. An entry without prices forgets what was imported for its teacher.
  absl::StatusOr<v1::ListTeachersReply> import_prices(const v1::ImportPricesRequest& request);
  std::vector<v1::RightsAlert> alerts() const;
  absl::StatusOr<v1::RightsAlert> decide_alert(const v1::DecideAlertRequest& request, const Caller& caller);

  absl::Status halt(const std::string& reason);
  absl::Status lift_halt();
  /// Facts of the store and the harvester; addresses and version are the daemon's to add.
  v1::ServiceStatus status() const;

 private:
  v1::JobStatus status_of(v1::JobRecord record) const;
  absl::StatusOr<v1::JobStatus> set_state(const v1::JobRecord& record, v1::JobState state, const std::string& reason);
  absl::StatusOr<v1::TeacherStatus> find_teacher(const std::string& name) const;
  absl::StatusOr<v1::TeacherStatus> set_teacher(const store::SetTeacherState& change);
  std::string backoff_reason(const v1::JobRecord& record) const;
  template <typename Verb>
  void tell(Verb verb) {
    boost::asio::post(parts_.lane, [&harvester = parts_.harvester, verb = std::move(verb)] { verb(harvester); });
  }

  Parts parts_;
  absl::Status try_cap(const v1::JobRecord& record, const std::string& usd);
  std::mutex retunes_;  // held from reading a job to writing it
  std::mutex retries_;  // held from a retry's draft to its commit
};

}  // namespace harvest::flow

#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harvest/v1/control.grpc.pb.h"

namespace harvest::client {

/// Start here. Typed calls to a harvest service over any channel: a daemon's (channel.h) or one inside this process.
/// Submitting, which is many calls, is submission.h's.
///
///   HarvestClient client(dial("127.0.0.1:7070"), "127.0.0.1:7070");
///   auto job = client.job("j_01J…");
///
/// Blocking; calls may come from any thread. Unary calls end within seconds. Errors are the service's codes and words;
/// UNAVAILABLE: nobody answers.
class HarvestClient {
 public:
  /// `server`: what messages call the other side.
  HarvestClient(std::shared_ptr<grpc::Channel> channel, std::string server);

  // ---- jobs ----
  absl::StatusOr<v1::ListJobsReply> jobs(bool all);
  absl::StatusOr<v1::JobStatus> job(const std::string& id);
  absl::StatusOr<v1::JobStatus> pause_job(const std::string& id, const std::string& reason);
  absl::StatusOr<v1::JobStatus> resume_job(const std::string& id);
  absl::StatusOr<v1::JobStatus> cancel_job(const std::string& id, const std::string& reason);
  absl::StatusOr<v1::JobStatus> retry_job(const std::string& id);
  /// A new job that buys again, under a larger cap, what this one's cap cut off; the same one, asked again. Takes as
  /// long as looking through the job's pairs does.
  absl::StatusOr<v1::JobStatus> retry_truncated(const std::string& id, uint32_t max_output_tokens);
  absl::StatusOr<v1::JobStatus> retune_job(const v1::RetuneJobRequest& request);
  /// A draft that is not to become a job. What went wrong before is what its caller tells: one that stays behind asks
  /// nothing.
  void discard_draft(const std::string& job_id);
  /// What a job would cost and take; asks nobody.
  absl::StatusOr<v1::Plan> plan(const v1::PlanJobRequest& request);
  /// What it waited for, the longest first, and what would make it faster.
  absl::StatusOr<v1::Explanation> explain(const std::string& id);
  /// Until the job has ended or `show` returns false.
  absl::Status watch_job(const std::string& id, uint32_t every_ms,
                         const std::function<bool(const v1::JobStatus&)>& show);
  /// limit 0: all.
  absl::Status endings(const std::string& id, uint64_t limit, const std::function<bool(const v1::Ending&)>& show);

  // ---- teachers ----
  absl::StatusOr<v1::ListTeachersReply> teachers();
  absl::StatusOr<v1::TeacherStatus> teacher(const std::string& name);  ///< NOT_FOUND where there is none
  absl::StatusOr<v1::TeacherStatus> pause_teacher(const std::string& name, const std::string& reason);
  absl::StatusOr<v1::TeacherStatus> resume_teacher(const std::string& name);

  /// Returns when the teacher has answered: as long as its time-outs let it.
  absl::StatusOr<v1::ProbeReply> probe_teacher(const std::string& name, bool record);
  absl::StatusOr<v1::ListTeachersReply> import_prices(const v1::ImportPricesRequest& request);
  absl::StatusOr<v1::ListAlertsReply> alerts();
  absl::StatusOr<v1::RightsAlert> decide_alert(const v1::DecideAlertRequest& request);

  // ---- datasets and pairs ----
  absl::StatusOr<v1::ListDatasetsReply> datasets();
  absl::StatusOr<v1::DatasetStatus> dataset(const std::string& name);
  /// Returns when the manifest stands: as long as cutting takes.
  absl::StatusOr<v1::DatasetStatus> publish(const std::string& name, const v1::View& view);
  /// The same: as long as merging takes.
  absl::StatusOr<v1::DatasetStatus> compact(const std::string& name, const std::string& view);
  absl::StatusOr<v1::ManifestReply> manifest(const std::string& name, const std::string& view, uint64_t version);
  /// Waits for a version after `after`, `wait` at most (and a minute): the version that stands then, without its
  /// manifest where there is none after. Looks a few times a second whether to go on; CANCELLED where not.
  absl::StatusOr<uint64_t> version_after(const std::string& name, const std::string& view, uint64_t after,
                                         std::chrono::seconds wait, const std::function<bool()>& go_on);
  /// In the order given; stops at the first that is refused, those before it are in.
  absl::StatusOr<v1::ImportLabelsReply> import_labels(const std::vector<v1::ImportLabelsRequest>& requests);
  absl::StatusOr<v1::PairRecord> pair(const std::string& record_id);
  absl::Status tail(const v1::TailPairsRequest& request, const std::function<bool(const v1::PairRecord&)>& show);
  absl::Status list_pairs(const v1::ListPairsRequest& request, const std::function<bool(const v1::PairRecord&)>& show);

  // ---- audit ----
  /// Attempts that crashes left open, oldest first; of all jobs where `job_id` is empty. limit 0: all.
  absl::Status lost_attempts(const std::string& job_id, uint64_t limit,
                             const std::function<bool(const v1::LostAttempt&)>& show);
  /// Days (YYYY-MM-DD, UTC) both included; empty: no bound.
  absl::StatusOr<v1::Bill> bill(const std::string& first_day, const std::string& last_day);
  /// That the pair is in the transparency log, in a file that can be checked without the service.
  absl::StatusOr<v1::InclusionProof> proof(const v1::GetProofRequest& request);
  /// Entries of the log, in order.
  absl::Status tail_log(const v1::TailLogRequest& request, const std::function<bool(const v1::LoggedEntry&)>& show);

  // ---- operations ----
  absl::StatusOr<v1::ServiceStatus> halt(bool lift, const std::string& reason);
  absl::StatusOr<v1::ServiceStatus> status();

  /// For submission.h.
  v1::Jobs::Stub& jobs_stub() { return *jobs_; }
  v1::Pairs::Stub& pairs_stub() { return *pairs_; }
  const std::string& server() const { return server_; }

 private:
  std::string server_;
  std::unique_ptr<v1::Jobs::Stub> jobs_;
  std::unique_ptr<v1::Teachers::Stub> teachers_;
  std::unique_ptr<v1::Datasets::Stub> datasets_;
  std::unique_ptr<v1::Pairs::Stub> pairs_;
  std::unique_ptr<v1::Operations::Stub> operations_;
  std::unique_ptr<v1::Audit::Stub> audit_;
};

}  // namespace harvest::client

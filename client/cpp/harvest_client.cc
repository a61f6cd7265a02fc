#include "client/cpp/harvest_client.h"

#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client/cpp/channel.h"

namespace harvest::client {
namespace {

constexpr std::chrono::seconds kCallTime{30};
constexpr std::chrono::milliseconds kLookEvery{100};
constexpr std::chrono::minutes kProbeTime{15};
// Looks through every pair of a job.
constexpr std::chrono::minutes kScanTime{30};
// Publishing cuts and hashes what has gathered.
constexpr std::chrono::hours kPublishTime{6};

template <typename Stub, typename Request, typename Reply>
using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Reply*);

template <typename Reply, typename Stub, typename Request>
absl::StatusOr<Reply> call(Stub& stub, Method<Stub, Request, Reply> method, const Request& request,
                           const std::string& server, std::chrono::system_clock::duration time = kCallTime) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + time);
  Reply reply;
  const grpc::Status status = (stub.*method)(&context, request, &reply);
  if (!status.ok()) {
    return to_absl(status, server);
  }
  return reply;
}

/// Reads a stream until its end or until `show` has seen enough.
template <typename Item>
absl::Status follow(grpc::ClientContext& context, grpc::ClientReader<Item>& reader, const std::string& server,
                    const std::function<bool(const Item&)>& show) {
  Item item;
  bool enough = false;
  while (!enough && reader.Read(&item)) {
    enough = !show(item);
  }
  if (enough) {
    context.TryCancel();
    reader.Finish();
    return absl::OkStatus();
  }
  return to_absl(reader.Finish(), server);
}

v1::JobCommand command(const std::string& id, const std::string& reason = "") {
  v1::JobCommand request;
  request.set_job_id(id);
  request.set_reason(reason);
  return request;
}

}  // namespace

HarvestClient::HarvestClient(std::shared_ptr<grpc::Channel> channel, std::string server)
    : server_(std::move(server)),
      jobs_(v1::Jobs::NewStub(channel)),
      teachers_(v1::Teachers::NewStub(channel)),
      datasets_(v1::Datasets::NewStub(channel)),
      pairs_(v1::Pairs::NewStub(channel)),
      operations_(v1::Operations::NewStub(channel)),
      audit_(v1::Audit::NewStub(channel)) {}

absl::StatusOr<v1::ListJobsReply> HarvestClient::jobs(bool all) {
  v1::ListJobsRequest request;
  request.set_all(all);
  return call(*jobs_, &v1::Jobs::Stub::ListJobs, request, server_);
}

absl::StatusOr<v1::JobStatus> HarvestClient::job(const std::string& id) {
  v1::GetJobRequest request;
  request.set_job_id(id);
  return call(*jobs_, &v1::Jobs::Stub::GetJob, request, server_);
}

absl::StatusOr<v1::JobStatus> HarvestClient::pause_job(const std::string& id, const std::string& reason) {
  return call(*jobs_, &v1::Jobs::Stub::PauseJob, command(id, reason), server_);
}

absl::StatusOr<v1::JobStatus> HarvestClient::resume_job(const std::string& id) {
  return call(*jobs_, &v1::Jobs::Stub::ResumeJob, command(id), server_);
}

absl::StatusOr<v1::JobStatus> HarvestClient::cancel_job(const std::string& id, const std::string& reason) {
  return call(*jobs_, &v1::Jobs::Stub::CancelJob, command(id, reason), server_);
}

absl::StatusOr<v1::JobStatus> HarvestClient::retry_job(const std::string& id) {
  v1::RetryJobRequest request;
  request.set_job_id(id);
  return call(*jobs_, &v1::Jobs::Stub::RetryJob, request, server_);
}

absl::StatusOr<v1::JobStatus> HarvestClient::retry_truncated(const std::string& id, uint32_t max_output_tokens) {
  v1::RetryJobRequest request;
  request.set_job_id(id);
  request.set_where(v1::RetryJobRequest::TRUNCATED);
  request.set_max_output_tokens(max_output_tokens);
  return call(*jobs_, &v1::Jobs::Stub::RetryJob, request, server_, kScanTime);
}

absl::StatusOr<v1::JobStatus> HarvestClient::retune_job(const v1::RetuneJobRequest& request) {
  return call(*jobs_, &v1::Jobs::Stub::RetuneJob, request, server_);
}

void HarvestClient::discard_draft(const std::string& job_id) {
  v1::DiscardDraftRequest request;
  request.set_job_id(job_id);
  call(*jobs_, &v1::Jobs::Stub::DiscardDraft, request, server_).IgnoreError();
}

absl::StatusOr<v1::Plan> HarvestClient::plan(const v1::PlanJobRequest& request) {
  return call(*jobs_, &v1::Jobs::Stub::PlanJob, request, server_);
}

absl::StatusOr<v1::Explanation> HarvestClient::explain(const std::string& id) {
  v1::ExplainJobRequest request;
  request.set_job_id(id);
  return call(*jobs_, &v1::Jobs::Stub::ExplainJob, request, server_);
}

absl::Status HarvestClient::watch_job(const std::string& id, uint32_t every_ms,
                                      const std::function<bool(const v1::JobStatus&)>& show) {
  v1::WatchJobRequest request;
  request.set_job_id(id);
  request.set_every_ms(every_ms);
  grpc::ClientContext context;
  const auto reader = jobs_->WatchJob(&context, request);
  return follow(context, *reader, server_, show);
}

absl::Status HarvestClient::endings(const std::string& id, uint64_t limit,
                                    const std::function<bool(const v1::Ending&)>& show) {
  v1::ListEndingsRequest request;
  request.set_job_id(id);
  request.set_limit(limit);
  grpc::ClientContext context;
  const auto reader = jobs_->ListEndings(&context, request);
  return follow(context, *reader, server_, show);
}

absl::StatusOr<v1::ListTeachersReply> HarvestClient::teachers() {
  return call(*teachers_, &v1::Teachers::Stub::ListTeachers, v1::ListTeachersRequest(), server_);
}

absl::StatusOr<v1::TeacherStatus> HarvestClient::teacher(const std::string& name) {
  const auto all = teachers();
  if (!all.ok()) {
    return all.status();
  }
  for (const v1::TeacherStatus& status : all->teachers()) {
    if (status.teacher().name() == name) {
      return status;
    }
  }
  return absl::NotFoundError(absl::StrCat("teacher ", name, " not found"));
}

absl::StatusOr<v1::TeacherStatus> HarvestClient::pause_teacher(const std::string& name, const std::string& reason) {
  v1::TeacherCommand request;
  request.set_name(name);
  request.set_reason(reason);
  return call(*teachers_, &v1::Teachers::Stub::PauseTeacher, request, server_);
}

absl::StatusOr<v1::TeacherStatus> HarvestClient::resume_teacher(const std::string& name) {
  v1::TeacherCommand request;
  request.set_name(name);
  return call(*teachers_, &v1::Teachers::Stub::ResumeTeacher, request, server_);
}

absl::StatusOr<v1::ProbeReply> HarvestClient::probe_teacher(const std::string& name, bool record) {
  v1::ProbeRequest request;
  request.set_name(name);
  request.set_record(record);
  return call(*teachers_, &v1::Teachers::Stub::ProbeTeacher, request, server_, kProbeTime);
}

absl::StatusOr<v1::ListTeachersReply> HarvestClient::import_prices(const v1::ImportPricesRequest& request) {
  return call(*teachers_, &v1::Teachers::Stub::ImportPrices, request, server_);
}

absl::StatusOr<v1::ListAlertsReply> HarvestClient::alerts() {
  return call(*teachers_, &v1::Teachers::Stub::ListAlerts, v1::ListAlertsRequest(), server_);
}

absl::StatusOr<v1::RightsAlert> HarvestClient::decide_alert(const v1::DecideAlertRequest& request) {
  return call(*teachers_, &v1::Teachers::Stub::DecideAlert, request, server_);
}

absl::StatusOr<v1::ListDatasetsReply> HarvestClient::datasets() {
  return call(*datasets_, &v1::Datasets::Stub::ListDatasets, v1::ListDatasetsRequest(), server_);
}

absl::StatusOr<v1::DatasetStatus> HarvestClient::dataset(const std::string& name) {
  v1::DatasetRequest request;
  request.set_name(name);
  return call(*datasets_, &v1::Datasets::Stub::GetDataset, request, server_);
}

absl::StatusOr<v1::DatasetStatus> HarvestClient::publish(const std::string& name, const v1::View& view) {
  v1::PublishDatasetRequest request;
  request.set_name(name);
  *request.mutable_view() = view;
  return call(*datasets_, &v1::Datasets::Stub::PublishDataset, request, server_, kPublishTime);
}

absl::StatusOr<v1::DatasetStatus> HarvestClient::compact(const std::string& name, const std::string& view) {
  v1::CompactDatasetRequest request;
  request.set_name(name);
  request.set_view(view);
  return call(*datasets_, &v1::Datasets::Stub::CompactDataset, request, server_, kPublishTime);
}

absl::StatusOr<v1::ManifestReply> HarvestClient::manifest(const std::string& name, const std::string& view,
                                                          uint64_t version) {
  v1::GetManifestRequest request;
  request.set_name(name);
  request.set_view(view);
  request.set_version(version);
  return call(*datasets_, &v1::Datasets::Stub::GetManifest, request, server_);
}

absl::StatusOr<uint64_t> HarvestClient::version_after(const std::string& name, const std::string& view, uint64_t after,
                                                      std::chrono::seconds wait, const std::function<bool()>& go_on) {
  v1::GetManifestRequest request;
  request.set_name(name);
  request.set_view(view);
  request.set_after(after);
  request.set_wait_seconds(static_cast<uint32_t>(wait.count()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + wait + kCallTime);
  std::jthread watch([&](std::stop_token done) {
    while (!done.stop_requested()) {
      if (!go_on()) return context.TryCancel();
      std::this_thread::sleep_for(kLookEvery);
    }
  });
  v1::ManifestReply reply;
  const grpc::Status status = datasets_->GetManifest(&context, request, &reply);
  watch.request_stop();
  if (!status.ok()) {
    return to_absl(status, server_);
  }
  return reply.version();
}

absl::StatusOr<v1::ImportLabelsReply> HarvestClient::import_labels(
    const std::vector<v1::ImportLabelsRequest>& requests) {
  grpc::ClientContext context;
  v1::ImportLabelsReply reply;
  const auto writer = datasets_->ImportLabels(&context, &reply);
  for (const v1::ImportLabelsRequest& request : requests) {
    if (!writer->Write(request)) {
      break;  // the call has ended, and says why
    }
  }
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (!status.ok()) {
    return to_absl(status, server_);
  }
  return reply;
}

absl::StatusOr<v1::PairRecord> HarvestClient::pair(const std::string& record_id) {
  v1::GetPairRequest request;
  request.set_record_id(record_id);
  return call(*pairs_, &v1::Pairs::Stub::GetPair, request, server_);
}

absl::Status HarvestClient::tail(const v1::TailPairsRequest& request,
                                 const std::function<bool(const v1::PairRecord&)>& show) {
  grpc::ClientContext context;
  const auto reader = pairs_->TailPairs(&context, request);
  return follow(context, *reader, server_, show);
}

absl::Status HarvestClient::list_pairs(const v1::ListPairsRequest& request,
                                       const std::function<bool(const v1::PairRecord&)>& show) {
  grpc::ClientContext context;
  const auto reader = pairs_->ListPairs(&context, request);
  return follow(context, *reader, server_, show);
}

absl::Status HarvestClient::lost_attempts(const std::string& job_id, uint64_t limit,
                                          const std::function<bool(const v1::LostAttempt&)>& show) {
  v1::ListLostAttemptsRequest request;
  request.set_job_id(job_id);
  request.set_limit(limit);
  grpc::ClientContext context;
  const auto reader = audit_->ListLostAttempts(&context, request);
  return follow(context, *reader, server_, show);
}

absl::StatusOr<v1::Bill> HarvestClient::bill(const std::string& first_day, const std::string& last_day) {
  v1::GetBillRequest request;
  request.set_first_day(first_day);
  request.set_last_day(last_day);
  return call(*audit_, &v1::Audit::Stub::GetBill, request, server_);
}

absl::StatusOr<v1::InclusionProof> HarvestClient::proof(const v1::GetProofRequest& request) {
  return call(*audit_, &v1::Audit::Stub::GetProof, request, server_);
}

absl::Status HarvestClient::tail_log(const v1::TailLogRequest& request,
                                     const std::function<bool(const v1::LoggedEntry&)>& show) {
  grpc::ClientContext context;
  const auto reader = audit_->TailLog(&context, request);
  return follow(context, *reader, server_, show);
}

absl::StatusOr<v1::ServiceStatus> HarvestClient::halt(bool lift, const std::string& reason) {
  v1::HaltRequest request;
  request.set_lift(lift);
  request.set_reason(reason);
  return call(*operations_, &v1::Operations::Stub::Halt, request, server_);
}

absl::StatusOr<v1::ServiceStatus> HarvestClient::status() {
  return call(*operations_, &v1::Operations::Stub::GetStatus, v1::GetStatusRequest(), server_);
}

}  // namespace harvest::client

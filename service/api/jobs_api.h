#pragma once

#include "harvest/v1/control.grpc.pb.h"
#include "service/api/door.h"
#include "service/flow/control.h"
#include "service/flow/intake.h"

namespace harvest::api {

/// Thin handlers of the Jobs service: decode, call, answer. A job of another tenant is not found.
class JobsApi final : public v1::Jobs::CallbackService {
 public:
  JobsApi(const Door& door, flow::Intake& intake, flow::Control& control, const store::Store& store)
      : door_(door), intake_(intake), control_(control), store_(store) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;
  Unary* OpenDraft(Context*, const v1::OpenDraftRequest*, v1::Draft*) override;
  Unary* AddPrompts(Context*, const v1::AddPromptsRequest*, v1::Draft*) override;
  Unary* CommitDraft(Context*, const v1::CommitDraftRequest*, v1::JobStatus*) override;
  Unary* DiscardDraft(Context*, const v1::DiscardDraftRequest*, v1::DiscardDraftReply*) override;
  Unary* ListJobs(Context*, const v1::ListJobsRequest*, v1::ListJobsReply*) override;
  Unary* GetJob(Context*, const v1::GetJobRequest*, v1::JobStatus*) override;
  grpc::ServerWriteReactor<v1::JobStatus>* WatchJob(Context*, const v1::WatchJobRequest*) override;
  Unary* PauseJob(Context*, const v1::JobCommand*, v1::JobStatus*) override;
  Unary* ResumeJob(Context*, const v1::JobCommand*, v1::JobStatus*) override;
  Unary* CancelJob(Context*, const v1::JobCommand*, v1::JobStatus*) override;
  Unary* RetryJob(Context*, const v1::RetryJobRequest*, v1::JobStatus*) override;
  Unary* PlanJob(Context*, const v1::PlanJobRequest*, v1::Plan*) override;
  Unary* ExplainJob(Context*, const v1::ExplainJobRequest*, v1::Explanation*) override;
  Unary* RetuneJob(Context*, const v1::RetuneJobRequest*, v1::JobStatus*) override;
  grpc::ServerWriteReactor<v1::Ending>* ListEndings(Context*, const v1::ListEndingsRequest*) override;

 private:
  /// Runs `verb` (→ StatusOr of the reply) where the job is the caller's to see.
  template <typename Request, typename Reply, typename Verb>
  Unary* of_own(Context* context, const Request* request, Reply* reply, Verb verb);
  absl::StatusOr<v1::JobRecord> own(const access::Principal& who, const std::string& id) const;

  const Door& door_;
  flow::Intake& intake_;
  flow::Control& control_;
  const store::Store& store_;
};

}  // namespace harvest::api

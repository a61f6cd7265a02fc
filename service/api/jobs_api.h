#pragma once

#include "harvest/v1/control.grpc.pb.h"
#include "service/api/worker_pool.h"
#include "service/flow/control.h"
#include "service/flow/intake.h"

namespace harvest::api {

/// Thin handlers of the Jobs service: decode, call, answer.
class JobsApi final : public v1::Jobs::CallbackService {
 public:
  JobsApi(WorkerPool& pool, flow::Intake& intake, flow::Control& control, const store::Store& store,
          flow::Caller caller)
      : pool_(pool), intake_(intake), control_(control), store_(store), caller_(std::move(caller)) {}

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
  WorkerPool& pool_;
  flow::Intake& intake_;
  flow::Control& control_;
  const store::Store& store_;
  const flow::Caller caller_;
};

}  // namespace harvest::api

#include "tests/client/fake_jobs.h"

#include <chrono>

namespace harvest::client {
namespace {

const char kJob[] = "j_00000000000000000000000001";

}  // namespace

grpc::Status FakeJobs::OpenDraft(grpc::ServerContext*, const v1::OpenDraftRequest* request, v1::Draft* reply) {
  const std::lock_guard lock(mutex_);
  if (!open_status.ok()) {
    return open_status;
  }
  job = request->job();
  if (committed && !request->reopen()) {
    return {grpc::StatusCode::ALREADY_EXISTS, "this submission is a job already"};
  }
  reply->set_job_id(kJob);
  reply->set_prompts(prompts.size());
  reply->set_committed(committed);
  return grpc::Status::OK;
}

grpc::Status FakeJobs::AddPrompts(grpc::ServerContext*, const v1::AddPromptsRequest* request, v1::Draft* reply) {
  const std::lock_guard lock(mutex_);
  if (request->first() > prompts.size()) {
    return {grpc::StatusCode::INVALID_ARGUMENT, "a gap"};
  }
  for (int i = 0; i < request->prompts_size(); ++i) {
    if (!unaskable.empty() && request->prompts(i).messages(0).content() == unaskable) {
      v1::BadPrompt* bad = reply->add_bad_prompts();
      bad->set_index(static_cast<uint32_t>(i));
      bad->set_message("teacher t: cannot be asked");
    }
  }
  if (!reply->bad_prompts().empty()) {
    return grpc::Status::OK;
  }
  if (request->first() == prompts.size()) {
    prompts.insert(prompts.end(), request->prompts().begin(), request->prompts().end());
    chunks.push_back(request->prompts_size());
  }
  if (unavailable_chunks > 0) {
    --unavailable_chunks;
    return {grpc::StatusCode::UNAVAILABLE, "restarting"};
  }
  reply->set_job_id(kJob);
  reply->set_prompts(prompts.size());
  return grpc::Status::OK;
}

grpc::Status FakeJobs::CommitDraft(grpc::ServerContext*, const v1::CommitDraftRequest* request, v1::JobStatus* reply) {
  const std::lock_guard lock(mutex_);
  if (request->prompts() != prompts.size()) {
    return {grpc::StatusCode::FAILED_PRECONDITION, "counts differ"};
  }
  committed = true;
  skipped_lines = request->skipped_lines();
  prompts_sha256 = request->prompts_sha256();
  reply->mutable_record()->set_id(kJob);
  *reply->mutable_record()->mutable_job() = job;
  reply->mutable_record()->mutable_pinned_teachers()->Assign(pinned.begin(), pinned.end());
  return grpc::Status::OK;
}

grpc::Status FakeJobs::DiscardDraft(grpc::ServerContext*, const v1::DiscardDraftRequest*, v1::DiscardDraftReply*) {
  const std::lock_guard lock(mutex_);
  discarded = true;
  prompts.clear();
  return grpc::Status::OK;
}

grpc::Status FakeJobs::GetJob(grpc::ServerContext*, const v1::GetJobRequest* request, v1::JobStatus* reply) {
  if (request->job_id() != kJob) {
    return {grpc::StatusCode::NOT_FOUND, "job " + request->job_id() + " not found"};
  }
  reply->mutable_record()->set_id(kJob);
  return grpc::Status::OK;
}

grpc::Status FakeJobs::WatchJob(grpc::ServerContext*, const v1::WatchJobRequest* request,
                                grpc::ServerWriter<v1::JobStatus>* writer) {
  v1::JobStatus status;
  status.mutable_record()->set_id(request->job_id());
  for (uint64_t i = 1; i <= 3; ++i) {
    status.mutable_record()->mutable_counters()->set_answered(i);
    status.mutable_record()->set_state(i == 3 ? v1::FINISHED : v1::RUNNING);
    writer->Write(status);
  }
  return grpc::Status::OK;
}

FakeService::FakeService() {
  grpc::ServerBuilder builder;
  builder.RegisterService(&jobs);
  server_ = builder.BuildAndStart();
}

FakeService::~FakeService() {
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(5));
}

std::shared_ptr<grpc::Channel> FakeService::channel() {
  return server_->InProcessChannel(grpc::ChannelArguments());
}

}  // namespace harvest::client

#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harvest/v1/control.grpc.pb.h"

namespace harvest::client {

/// A Jobs service that keeps one draft as the real one would, in memory, and can be told to fail.
class FakeJobs final : public v1::Jobs::Service {
 public:
  grpc::Status OpenDraft(grpc::ServerContext*, const v1::OpenDraftRequest* request, v1::Draft* reply) override;
  grpc::Status AddPrompts(grpc::ServerContext*, const v1::AddPromptsRequest* request, v1::Draft* reply) override;
  grpc::Status CommitDraft(grpc::ServerContext*, const v1::CommitDraftRequest* request, v1::JobStatus* reply) override;
  grpc::Status DiscardDraft(grpc::ServerContext*, const v1::DiscardDraftRequest*, v1::DiscardDraftReply*) override;
  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest* request, v1::JobStatus* reply) override;
  grpc::Status WatchJob(grpc::ServerContext*, const v1::WatchJobRequest* request,
                        grpc::ServerWriter<v1::JobStatus>* writer) override;

  // What was asked of it.
  v1::Job job;
  std::vector<v1::Prompt> prompts;
  std::vector<int> chunks;  ///< prompts in each
  bool committed = false;
  bool discarded = false;
  uint64_t skipped_lines = 0;
  std::string prompts_sha256;

  // What it is to do.
  grpc::Status open_status;
  std::vector<v1::Teacher> pinned;  ///< by the job, once committed
  std::string unaskable;            ///< prompts of this text are turned away
  int unavailable_chunks = 0;       ///< so many AddPrompts are kept but answered with UNAVAILABLE

 private:
  std::mutex mutex_;
};

/// A server around it, in this process.
class FakeService {
 public:
  FakeService();
  ~FakeService();
  std::shared_ptr<grpc::Channel> channel();
  FakeJobs jobs;

 private:
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace harvest::client

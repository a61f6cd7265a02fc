#include "service/api/jobs_api.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/api/feed.h"
#include "service/api/unary.h"

namespace harvest::api {

namespace {

constexpr uint32_t kWatchEveryMs = 500;
constexpr size_t kEndingsPage = 256;

/// Nothing more happens by itself.
bool at_rest(const v1::JobStatus& status) {
  const v1::JobState state = status.record().state();
  return state == v1::FINISHED || ((state == v1::PAUSED || state == v1::CANCELLED) && status.in_flight() == 0);
}

}  // namespace

absl::StatusOr<v1::JobRecord> JobsApi::own(const access::Principal& who, const std::string& id) const {
  auto record = store_.find_job(id);
  if (record.ok() && !who.sees(record->tenant())) return absl::NotFoundError(absl::StrCat("there is no job ", id));
  return record;
}

// Requests outlive the call's reactor, so handlers may keep pointers to them.

template <typename Request, typename Reply, typename Verb>
JobsApi::Unary* JobsApi::of_own(Context* context, const Request* request, Reply* reply, Verb verb) {
  return answer(door_, context, reply,
                [this, request, verb = std::move(verb)](const access::Principal& who) -> absl::StatusOr<Reply> {
                  if (auto record = own(who, request->job_id()); !record.ok()) return record.status();
                  return verb(who);
                });
}

JobsApi::Unary* JobsApi::OpenDraft(Context* context, const v1::OpenDraftRequest* request, v1::Draft* reply) {
  return answer(door_, context, reply,
                [this, request](const access::Principal& who) { return intake_.open_draft(*request, caller_of(who)); });
}

JobsApi::Unary* JobsApi::AddPrompts(Context* context, const v1::AddPromptsRequest* request, v1::Draft* reply) {
  return of_own(context, request, reply,
                [this, request](const access::Principal&) { return intake_.add_prompts(*request); });
}

JobsApi::Unary* JobsApi::CommitDraft(Context* context, const v1::CommitDraftRequest* request, v1::JobStatus* reply) {
  return of_own(context, request, reply, [this, context, request](const access::Principal& who) {
    return noted(door_, *context, who, request->job_id(), "", *request, [&] { return control_.commit(*request); });
  });
}

JobsApi::Unary* JobsApi::DiscardDraft(Context* context, const v1::DiscardDraftRequest* request,
                                      v1::DiscardDraftReply* reply) {
  return of_own(context, request, reply,
                [this, request](const access::Principal&) -> absl::StatusOr<v1::DiscardDraftReply> {
                  if (absl::Status status = intake_.discard(request->job_id()); !status.ok()) return status;
                  return v1::DiscardDraftReply{};
                });
}

JobsApi::Unary* JobsApi::ListJobs(Context* context, const v1::ListJobsRequest*, v1::ListJobsReply* reply) {
  return answer(door_, context, reply, [this](const access::Principal& who) -> absl::StatusOr<v1::ListJobsReply> {
    v1::ListJobsReply all;
    for (v1::JobStatus& status : control_.jobs())
      if (who.sees(status.record().tenant())) *all.add_jobs() = std::move(status);
    return all;
  });
}

JobsApi::Unary* JobsApi::GetJob(Context* context, const v1::GetJobRequest* request, v1::JobStatus* reply) {
  return of_own(context, request, reply,
                [this, request](const access::Principal&) { return control_.job(request->job_id()); });
}

grpc::ServerWriteReactor<v1::JobStatus>* JobsApi::WatchJob(Context* context, const v1::WatchJobRequest* request) {
  const uint32_t every_ms = std::max(100u, request->every_ms() == 0 ? kWatchEveryMs : request->every_ms());
  const auto look = [this](const access::Principal& who, const std::string& id) -> absl::StatusOr<v1::JobStatus> {
    if (auto record = own(who, id); !record.ok()) return record.status();
    return control_.job(id);
  };
  return Feed<v1::JobStatus>::start(door_, context,
                                    [look, id = request->job_id(), every_ms](const access::Principal& who) {
                                      FeedStep<v1::JobStatus> step;
                                      auto status = look(who, id);
                                      if (!status.ok()) {
                                        step.status = status.status();
                                        return step;
                                      }
                                      step.last = at_rest(*status);
                                      step.value = *std::move(status);
                                      step.pause = std::chrono::milliseconds(every_ms);
                                      return step;
                                    });
}

JobsApi::Unary* JobsApi::PauseJob(Context* context, const v1::JobCommand* request, v1::JobStatus* reply) {
  return of_own(context, request, reply, [this, context, request](const access::Principal& who) {
    return noted(door_, *context, who, request->job_id(), request->reason(), *request,
                 [&] { return control_.pause_job(request->job_id(), request->reason()); });
  });
}

JobsApi::Unary* JobsApi::ResumeJob(Context* context, const v1::JobCommand* request, v1::JobStatus* reply) {
  return of_own(context, request, reply, [this, context, request](const access::Principal& who) {
    return noted(door_, *context, who, request->job_id(), request->reason(), *request,
                 [&] { return control_.resume_job(request->job_id()); });
  });
}

JobsApi::Unary* JobsApi::CancelJob(Context* context, const v1::JobCommand* request, v1::JobStatus* reply) {
  return of_own(context, request, reply, [this, context, request](const access::Principal& who) {
    return noted(door_, *context, who, request->job_id(), request->reason(), *request,
                 [&] { return control_.cancel_job(request->job_id(), request->reason()); });
  });
}

JobsApi::Unary* JobsApi::RetryJob(Context* context, const v1::RetryJobRequest* request, v1::JobStatus* reply) {
  return of_own(context, request, reply, [this, context, request](const access::Principal& who) {
    return noted(door_, *context, who, request->job_id(), "", *request, [&] {
      return request->where() == v1::RetryJobRequest::TRUNCATED ? control_.retry_truncated(*request, caller_of(who))
                                                                : control_.retry_job(request->job_id());
    });
  });
}

JobsApi::Unary* JobsApi::RetuneJob(Context* context, const v1::RetuneJobRequest* request, v1::JobStatus* reply) {
  return of_own(context, request, reply, [this, context, request](const access::Principal& who) {
    return noted(door_, *context, who, request->job_id(), "", *request, [&] { return control_.retune_job(*request); });
  });
}

JobsApi::Unary* JobsApi::PlanJob(Context* context, const v1::PlanJobRequest* request, v1::Plan* reply) {
  return answer(door_, context, reply,
                [this, request](const access::Principal& who) { return control_.plan(*request, caller_of(who)); });
}

JobsApi::Unary* JobsApi::ExplainJob(Context* context, const v1::ExplainJobRequest* request, v1::Explanation* reply) {
  return of_own(context, request, reply,
                [this, request](const access::Principal&) { return control_.explain(request->job_id()); });
}

grpc::ServerWriteReactor<v1::Ending>* JobsApi::ListEndings(Context* context, const v1::ListEndingsRequest* request) {
  const uint64_t limit = request->limit() == 0 ? UINT64_MAX : request->limit();
  struct Page {
    std::vector<v1::Ending> endings;
    size_t next = 0;
    uint64_t sent = 0;
  };
  auto page = std::make_shared<Page>();
  return Feed<v1::Ending>::start(
      door_, context, [this, id = request->job_id(), limit, page](const access::Principal& who) {
        FeedStep<v1::Ending> step;
        if (page->next == page->endings.size()) {
          auto record = own(who, id);
          if (!record.ok()) {
            step.status = record.status();
            return step;
          }
          page->endings =
              store_.endings(record->number(), page->sent, std::min<uint64_t>(kEndingsPage, limit - page->sent));
          page->next = 0;
        }
        if (page->endings.empty()) {
          step.last = true;
          return step;
        }
        step.value = page->endings[page->next++];
        step.last = ++page->sent >= limit;
        return step;
      });
}

}  // namespace harvest::api

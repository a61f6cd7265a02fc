#include "service/api/audit_api.h"

#include <vector>

#include "service/api/feed.h"
#include "service/api/unary.h"

namespace harvest::api {

namespace {

constexpr size_t kAttemptsPage = 256;

/// Where a list of lost attempts has come to.
struct Walk {
  uint64_t job = 0;  // 0: all
  uint64_t left = 0;
  std::vector<store::LostAttempt> page;
  size_t next = 0;
};

}  // namespace

grpc::ServerWriteReactor<v1::LostAttempt>* AuditApi::ListLostAttempts(grpc::CallbackServerContext* context,
                                                                      const v1::ListLostAttemptsRequest* request) {
  auto walk = std::make_shared<Walk>();
  walk->left = request->limit() == 0 ? UINT64_MAX : request->limit();
  absl::Status found;
  if (!request->job_id().empty()) {
    auto record = store_.find_job(request->job_id());
    found = record.status();
    if (record.ok()) walk->job = record->number();
  }
  return Feed<v1::LostAttempt>::start(door_, context, [this, walk, found] {
    FeedStep<v1::LostAttempt> step;
    if (!found.ok()) {
      step.status = found;
      return step;
    }
    // A page without any of the job is passed by; the next step reads the one behind it.
    if (walk->next == walk->page.size()) {
      const std::string after = walk->page.empty() ? "" : walk->page.back().intent.id();
      walk->page = store_.lost_attempts(after, kAttemptsPage);
      walk->next = 0;
    }
    if (walk->page.empty()) {
      step.last = true;
      return step;
    }
    while (walk->next < walk->page.size()) {
      const store::LostAttempt& lost = walk->page[walk->next++];
      if (walk->job != 0 && lost.intent.job_number() != walk->job) continue;
      step.value = audit_.tell(lost);
      step.last = --walk->left == 0;
      break;
    }
    return step;
  });
}

grpc::ServerUnaryReactor* AuditApi::GetBill(grpc::CallbackServerContext* context, const v1::GetBillRequest* request,
                                            v1::Bill* reply) {
  return answer(door_, context, reply, [this, request] { return audit_.bill(*request); });
}

}  // namespace harvest::api

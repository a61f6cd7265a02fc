#include "service/api/audit_api.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "service/access/permits.h"
#include "service/api/feed.h"
#include "service/api/unary.h"
#include "service/notary/log_files.h"

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

constexpr uint64_t kEntriesPage = 256;
constexpr std::chrono::milliseconds kLogPause{200};  // how soon a follower hears of what came

/// Where a list of the log's entries has come to.
struct LogWalk {
  explicit LogWalk(uint64_t begin) : first(begin) {}
  uint64_t first;  ///< index of the page's first entry
  std::vector<std::string> page;
  size_t at = 0;
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

absl::StatusOr<v1::InclusionProof> AuditApi::proof(const access::Principal& who,
                                                   const v1::GetProofRequest& request) const {
  if (notary_ == nullptr) return log_refusal_;
  v1::InclusionProof reply;
  uint64_t index = request.index();
  if (request.record_id().empty()) {
    // An entry may be any tenant's.
    if (!who.roles.has(access::Role::kAdmin))
      return absl::InvalidArgumentError("record_id: found none, expected one; other entries are for an admin to see");
  } else {
    const auto found = store_.find_pair(request.record_id());
    if (!found.ok()) return found.status();
    const v1::Pair& pair = found->pair.pair;
    if (!who.sees(pair.tenant())) return absl::NotFoundError(absl::StrCat("there is no pair ", request.record_id()));
    if (pair.log_index() < 0)
      return absl::FailedPreconditionError(
          absl::StrCat("pair ", request.record_id(), " was kept before there was a log: it has no entry"));
    index = static_cast<uint64_t>(pair.log_index());
    // Who may read the record may make its commitment anew; to others the salt would tell what they cannot read.
    if (const auto readers = access::may_call("/harvest.v1.Pairs/GetPair"); readers && who.roles.meets(*readers))
      reply.set_salt_hex(absl::BytesToHexString(pair.salt()));
  }
  auto file = notary::prove_entry(store_, *notary_, index);
  if (!file.ok()) return file.status();
  reply.set_file(proof::inclusion_file_text(*file));
  reply.set_index(index);
  reply.set_entry(*std::move(file->extra));
  reply.set_verifier_key(notary_->key().text());
  return reply;
}

grpc::ServerUnaryReactor* AuditApi::GetProof(grpc::CallbackServerContext* context, const v1::GetProofRequest* request,
                                             v1::InclusionProof* reply) {
  return answer(door_, context, reply, [this, request](const access::Principal& who) { return proof(who, *request); });
}

grpc::ServerWriteReactor<v1::LoggedEntry>* AuditApi::TailLog(grpc::CallbackServerContext* context,
                                                             const v1::TailLogRequest* request) {
  const uint64_t size = store_.log().size();
  const uint64_t first = request->last_count() > 0 ? size - std::min(size, request->last_count()) : request->first();
  auto walk = std::make_shared<LogWalk>(first);
  return Feed<v1::LoggedEntry>::start(door_, context, [this, walk, follow = request->follow()] {
    FeedStep<v1::LoggedEntry> step;
    if (walk->at == walk->page.size()) {
      walk->first += walk->page.size();
      walk->page.clear();
      walk->at = 0;
      const uint64_t end = store_.log().size();
      auto page =
          store_.log_entries(std::min(walk->first, end), std::min(kEntriesPage, end - std::min(walk->first, end)));
      step.status = page.status();
      if (page.ok()) walk->page = *std::move(page);
    }
    if (walk->at == walk->page.size()) {
      step.last = !follow;
      step.pause = kLogPause;
      return step;
    }
    v1::LoggedEntry& entry = step.value.emplace();
    entry.set_index(walk->first + walk->at);
    entry.set_entry(std::move(walk->page[walk->at++]));
    entry.set_action(store_.logged_command(entry.index()));
    return step;
  });
}

}  // namespace harvest::api

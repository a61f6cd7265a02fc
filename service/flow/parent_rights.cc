#include "service/flow/parent_rights.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "service/conversation/conversation.h"
#include "service/rights/alerts.h"
#include "service/rights/rights.h"
#include "storage/corpus/licence.h"
#include "storage/corpus/query_merge.h"
#include "storage/corpus/record.h"

namespace harvest::flow {

namespace {

/// The most that one prompt is made of.
constexpr int kParentsMax = 64;

}  // namespace

ParentRights::ParentRights(const store::Store& store, std::string today) : store_(store), today_(std::move(today)) {}

absl::Status ParentRights::pass_on(const v1::JobRecord& job, v1::Prompt& prompt) {
  if (prompt.parent_record_ids().empty()) return absl::OkStatus();
  if (prompt.parent_record_ids_size() > kParentsMax)
    return absl::InvalidArgumentError(
        absl::StrCat("parent_record_ids: found ", prompt.parent_record_ids_size(), ", expected at most ", kParentsMax));
  if (governing_.empty()) {
    alerts_ = store_.alerts();
    for (store::TeacherState& state : store_.teachers()) governing_[state.teacher.name()] = std::move(state.teacher);
  }
  for (const std::string& record_id : prompt.parent_record_ids())
    if (absl::Status status = pass_on(job, record_id, prompt); !status.ok()) return status;
  return absl::OkStatus();
}

v1::Teacher ParentRights::teacher_of(const v1::Pair& pair) const {
  if (const auto governing = governing_.find(pair.teacher()); governing != governing_.end()) return governing->second;
  if (pair.imported()) {
    const auto import = store_.job(pair.job_number());
    if (import.ok() && import->pinned_teachers_size() == 1) return import->pinned_teachers(0);
  }
  v1::Teacher unknown;  // without rights
  unknown.set_name(pair.teacher());
  return unknown;
}

absl::Status ParentRights::may_be_used(const v1::Pair& pair, const v1::Use& use, int generation) const {
  const v1::Teacher teacher = teacher_of(pair);
  absl::Status may = rights::may_ask(teacher, use, today_);
  may.Update(rights::may_ask_despite(alerts_, teacher, use));
  if (!may.ok()) return absl::PermissionDeniedError(absl::StrCat("record ", pair.record_id(), ": ", may.message()));
  if (generation == conversation::kGenerationsMax) return absl::OkStatus();
  for (const std::string& record_id : conversation::made_from(pair)) {
    const auto parent = store_.find_pair(record_id);
    if (!parent.ok()) return parent.status();
    if (may = may_be_used(parent->pair.pair, use, generation + 1); !may.ok()) return may;
  }
  return absl::OkStatus();
}

absl::Status ParentRights::pass_on(const v1::JobRecord& job, const std::string& record_id, v1::Prompt& prompt) {
  const auto found = store_.find_pair(record_id);
  // Another tenant's is as unknown as none.
  if (!found.ok() || found->pair.pair.tenant() != job.tenant())
    return absl::InvalidArgumentError(
        absl::StrCat("parent_record_ids: found ", record_id, ", expected the record of a pair that is held"));
  const v1::Pair& pair = found->pair.pair;
  if (absl::Status may = may_be_used(pair, job.job().use(), 0); !may.ok()) return may;
  auto parents_job = store_.job(pair.job_number());
  if (!parents_job.ok()) return parents_job.status();
  auto asked = store_.prompts(pair.job_number(), pair.prompt(), 1);
  if (!asked.ok()) return asked.status();
  if (asked->empty())
    return absl::DataLossError(absl::StrCat("record ", record_id, " is of a prompt that is not there"));
  v1::Prompt& of_parent = asked->front();
  corpus::apply_job(parents_job->job(), of_parent);
  const bool of_jobs_source = prompt.source().empty() && !job.job().prompt_source().empty();
  prompt.set_source_licence(corpus::joined_licences(
      {prompt.source_licence(),
       of_jobs_source ? std::string_view(job.job().prompt_source_licence()) : std::string_view(),
       corpus::licence_of(pair, teacher_of(pair).rights()), of_parent.source_licence()}));
  if (prompt.source().empty() && !of_jobs_source) prompt.set_source(absl::StrCat("dataset:", found->dataset));
  if (prompt.customer().empty()) prompt.set_customer(of_parent.customer());
  if (prompt.customer() != of_parent.customer() && !of_parent.customer().empty())
    return absl::InvalidArgumentError(absl::StrCat("customer: found ", prompt.customer(),
                                                   " for a prompt made of record ", record_id, ", which is of ",
                                                   of_parent.customer(), "; expected one customer"));
  return absl::OkStatus();
}

}  // namespace harvest::flow

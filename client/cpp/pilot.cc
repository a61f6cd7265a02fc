#include "client/cpp/pilot.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cpp/draft_call.h"
#include "client/cpp/prompt_strata.h"
#include "client/cpp/prompts_digest.h"
#include "client/cpp/repeated_lines.h"
#include "client/cpp/submission_id.h"

namespace harvest::client {
namespace {

constexpr char kDataset[] = "pilots";

/// Fills the draft, a second time without the prompts that the service says cannot be asked; how many it holds.
absl::StatusOr<uint64_t> fill(HarvestClient& client, v1::AddPromptsRequest chunk, bool skip) {
  while (!chunk.prompts().empty()) {
    const auto draft = call_patiently<v1::Draft>(client.server(), [&](grpc::ClientContext* context, v1::Draft* reply) {
      return client.jobs_stub().AddPrompts(context, chunk, reply);
    });
    if (!draft.ok()) return draft.status();
    if (draft->bad_prompts().empty()) return draft->prompts();
    for (int i = draft->bad_prompts_size() - 1; i >= 0; --i) {
      const v1::BadPrompt& bad = draft->bad_prompts(i);
      const int at = static_cast<int>(bad.index());
      if (!skip)
        return absl::InvalidArgumentError(absl::StrCat("line ", chunk.prompts(at).line(), ": ", bad.message()));
      chunk.mutable_prompts()->DeleteSubrange(at, 1);
    }
  }
  return absl::InvalidArgumentError("found no prompt in the sample that its teachers can be asked");
}

}  // namespace

absl::StatusOr<v1::PlanJobRequest> read_for_plan(const v1::Job& job, uint32_t sample, HarvestClient* client) {
  auto reader = PromptReader::open({job.prompts().begin(), job.prompts().end()}, job.template_(), client);
  if (!reader.ok()) return reader.status();
  PromptStrata strata(sample);
  PromptsDigest digest;
  RepeatedLines repeated;
  v1::Prompt prompt;
  for (;;) {
    const auto got = (*reader)->next(&prompt);
    if (!got.ok()) return got.status();
    if (*got == PromptReader::Got::kEnd) break;
    if (*got == PromptReader::Got::kBadLine) {
      if (job.on_bad_line() == v1::SKIP) continue;
      return absl::InvalidArgumentError(
          absl::StrCat((*reader)->bad_line(), "\nnothing was planned (--on-bad-line skip passes over bad lines)"));
    }
    digest.add(prompt);
    const bool repeats = repeated.add(prompt, static_cast<uint32_t>((*reader)->file()));
    if (!repeats || job.fresh()) strata.add(prompt);
  }
  if (strata.prompts() == 0)
    return absl::InvalidArgumentError(
        absl::StrCat(absl::StrJoin(job.prompts(), ", "), ": found no prompt, expected at least one to plan for"));
  v1::PlanJobRequest request;
  *request.mutable_job() = job;
  for (auto& stratum : strata.strata()) *request.add_strata() = std::move(stratum);
  if (!job.fresh()) request.set_repeated_prompts(repeated.count());
  request.set_prompts_sha256(digest.finish());
  return request;
}

v1::Job pilot_of(const v1::Job& job, const std::string& max_cost_usd) {
  v1::Job pilot = job;
  pilot.set_name(absl::StrCat("pilot of ", job.name().empty() ? job.dataset() : job.name()));
  pilot.set_dataset(kDataset);
  pilot.set_max_cost_usd(max_cost_usd);
  // Every teacher is measured, soon, and nothing is paid for that was measured already.
  pilot.set_ask(v1::EACH);
  pilot.set_route(v1::ONLINE);
  pilot.set_samples(1);
  pilot.clear_until();
  pilot.clear_fresh();
  pilot.clear_deadline();
  pilot.clear_hedge_ratio_max();
  return pilot;
}

v1::PlanJobRequest plan_of_pilot(const v1::PlanJobRequest& request, const v1::Job& pilot) {
  v1::PlanJobRequest of;
  *of.mutable_job() = pilot;
  *of.mutable_strata() = request.strata();
  for (auto& stratum : *of.mutable_strata()) {
    uint64_t bytes = 0;
    for (const v1::Prompt& prompt : stratum.sample()) bytes += prompt.ByteSizeLong();
    stratum.set_prompts(static_cast<uint64_t>(stratum.sample_size()));
    stratum.set_bytes(bytes);
  }
  return of;
}

absl::StatusOr<v1::JobStatus> submit_pilot(HarvestClient& client, const v1::PlanJobRequest& request,
                                           const v1::Job& pilot) {
  auto submission = new_submission_id();
  if (!submission.ok()) return submission.status();
  v1::OpenDraftRequest open;
  open.set_submission_id(*submission);
  *open.mutable_job() = pilot;
  const auto draft = call_patiently<v1::Draft>(client.server(), [&](grpc::ClientContext* context, v1::Draft* reply) {
    return client.jobs_stub().OpenDraft(context, open, reply);
  });
  if (!draft.ok()) return draft.status();
  v1::AddPromptsRequest chunk;
  chunk.set_job_id(draft->job_id());
  for (const auto& stratum : request.strata()) chunk.mutable_prompts()->MergeFrom(stratum.sample());
  // Of conversations the first turn is measured; the plan says that it tells of no more.
  for (v1::Prompt& prompt : *chunk.mutable_prompts()) prompt.clear_later_turns();
  const auto held = fill(client, std::move(chunk), pilot.on_bad_line() == v1::SKIP);
  if (!held.ok()) {
    client.discard_draft(draft->job_id());
    return held.status();
  }
  v1::CommitDraftRequest commit;
  commit.set_job_id(draft->job_id());
  commit.set_prompts(*held);
  return call_patiently<v1::JobStatus>(client.server(), [&](grpc::ClientContext* context, v1::JobStatus* reply) {
    return client.jobs_stub().CommitDraft(context, commit, reply);
  });
}

}  // namespace harvest::client

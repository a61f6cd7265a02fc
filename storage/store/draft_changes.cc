#include <cassert>
#include <limits>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/store/booking.h"
#include "storage/store/changes.h"
#include "storage/store/prompt_blocks.h"

namespace harvest::store {
namespace {

absl::Status no_such_job(uint64_t job) {
  return absl::NotFoundError(absl::StrCat("there is no job number ", job));
}

}  // namespace

absl::Status apply(Group& group, const OpenDraft& change, Applied& applied) {
  State& state = group.state();
  const std::string& submission = change.record.submission_id();
  if (!submission.empty()) {
    if (const uint64_t* known = state.submissions.find(submission)) {
      applied.number = *known;
      applied.count = state.tallies.find(*known)->prompts();
      return absl::OkStatus();
    }
  }
  if (change.record.id().empty()) return absl::InvalidArgumentError("a job needs an id");
  const auto created = create_job(group, change.record, v1::DRAFT);
  if (!created.ok()) return created.status();
  applied.number = *created;
  group.must_sync();
  return absl::OkStatus();
}

absl::Status apply(Group& group, const AddPrompts& change, Applied& applied) {
  State& state = group.state();
  const v1::JobRecord* job = state.jobs.find(change.job);
  if (job == nullptr) return no_such_job(change.job);
  const uint64_t held = state.tallies.find(change.job)->prompts();
  applied.number = change.job;
  applied.count = held;
  if (change.first + change.count <= held) return absl::OkStatus();
  if (job->state() != v1::DRAFT) {
    return absl::FailedPreconditionError(absl::StrCat("job ", job->id(), " is committed: it takes no more prompts"));
  }
  if (change.first > held) {
    return absl::FailedPreconditionError(
        absl::StrCat("the draft holds ", held, " prompts: the next chunk starts there, not at ", change.first));
  }
  std::vector<std::tuple<uint64_t, std::string_view>> blocks;
  absl::Status cut = cut_prompt_block(
      change.block, change.count, held - change.first,
      [&](uint64_t first, uint64_t, std::string_view bytes) { blocks.emplace_back(change.first + first, bytes); });
  if (!cut.ok()) return cut;
  for (const auto& [first, bytes] : blocks) {
    group.put(Family::kPrompt, keys::prompts(change.job, first), rocksdb::Slice(bytes.data(), bytes.size()));
  }
  applied.count = change.first + change.count;
  v1::JobCounters& tally = *state.tallies.edit(change.job);
  tally.set_prompts(applied.count);
  // Of a draft `queries` counts the turns after the first ones: the commit makes queries of them.
  for (uint64_t i = held - change.first; i < change.later_turns.size(); ++i)
    tally.set_queries(tally.queries() + change.later_turns[i]);
  return absl::OkStatus();
}

absl::Status apply(Group& group, const CommitDraft& change, Applied& applied) {
  State& state = group.state();
  const v1::JobRecord* draft = state.jobs.find(change.job);
  if (draft == nullptr) return no_such_job(change.job);
  const uint64_t held = state.tallies.find(change.job)->prompts();
  applied.number = change.job;
  applied.count = held;
  if (held != change.prompts) {
    return absl::FailedPreconditionError(
        absl::StrCat("the draft holds ", held, " prompts, not ", change.prompts, " as counted by the sender"));
  }
  if (draft->state() != v1::DRAFT) return absl::OkStatus();  // committed before: the sender missed the answer

  v1::JobRecord& job = *state.jobs.edit(change.job);
  v1::JobCounters& tally = *state.tallies.edit(change.job);
  const uint64_t ordinals = ordinals_per_prompt(job.job());
  const bool each = job.job().ask() == v1::EACH;
  uint32_t streams = 0;
  if (each) {
    for (const std::string& teacher : job.job().teachers()) {
      state.streams.create({change.job, streams++}).add_teachers(teacher);
    }
  } else {
    *state.streams.create({change.job, streams++}).mutable_teachers() = job.job().teachers();
  }
  tally.set_queries((held + tally.queries()) * ordinals * streams);
  tally.set_skipped_lines(change.skipped_lines);
  job.set_state(tally.queries() == 0 ? v1::FINISHED : v1::RUNNING);
  if (tally.queries() == 0) job.set_finished_at_us(job.created_at_us());
  if (const v1::Plan* plan = change.plan ? state.plans.find(*change.plan) : nullptr) *job.mutable_plan() = *plan;
  group.must_sync();
  return absl::OkStatus();
}

absl::Status apply(Group& group, const DiscardDraft& change, Applied& applied) {
  State& state = group.state();
  const v1::JobRecord* draft = state.jobs.find(change.job);
  if (draft == nullptr) return no_such_job(change.job);
  if (draft->state() != v1::DRAFT) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", draft->id(), " is committed: it can be cancelled, not discarded"));
  }
  applied.number = change.job;
  applied.count = state.tallies.find(change.job)->prompts();
  state.job_ids.erase(draft->id());
  if (!draft->submission_id().empty()) state.submissions.erase(draft->submission_id());
  group.remove_range(Family::kPrompt, keys::prompts(change.job, 0),
                     keys::prompts(change.job, std::numeric_limits<uint64_t>::max()));
  state.jobs.erase(change.job);
  state.tallies.erase(change.job);
  if (state.waits.find(change.job) != nullptr) state.waits.erase(change.job);
  group.must_sync();
  return absl::OkStatus();
}

}  // namespace harvest::store

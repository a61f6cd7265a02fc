#include "service/flow/truncated_retry.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "proto/text/time.h"
#include "service/dialect/registry/registry.h"
#include "service/flow/job_pairs.h"
#include "service/flow/job_spec.h"
#include "service/flow/not_now.h"
#include "storage/corpus/query_merge.h"

namespace harvest::flow {

namespace {

constexpr char kSubmission[] = "retry-truncated/";
constexpr int kChunkPrompts = 256;
constexpr size_t kChunkBytes = 256 << 10;

/// What of a job was cut off. A bit a prompt: a job may have millions.
struct CutOff {
  std::vector<bool> prompts;
  std::set<std::string> teachers;  // that gave such answers
};

/// Was this pair's answer cut off at its cap? A dialect knows by the vendor's word for how an answer ended: it is asked
/// once for each word.
class Endings {
 public:
  explicit Endings(const store::Store& store) : store_(store) {}

  absl::StatusOr<bool> truncated(const v1::Pair& pair) {
    const auto [known, is_new] = known_.try_emplace({pair.teacher(), pair.finish_reason(), pair.refused()});
    if (!is_new) return known->second;
    auto answer = store_.answer(pair.answer());
    if (!answer.ok()) return answer.status();
    const dialect::Dialect* dialect = dialect::find_dialect(answer->dialect());
    if (dialect == nullptr) return absl::DataLossError(absl::StrCat("dialect ", answer->dialect(), " is not known"));
    auto outcome = dialect->decode_stored(answer->raw());
    if (!outcome.ok()) return outcome.status();
    if (pair.choice() >= outcome->choices.size())
      return absl::DataLossError(absl::StrCat("pair ", pair.record_id(), " is of a choice that its answer lacks"));
    return known->second = outcome->choices[pair.choice()].truncated;
  }

 private:
  const store::Store& store_;
  std::map<std::tuple<std::string, std::string, bool>, bool> known_;
};

absl::StatusOr<CutOff> find_cut_off(const store::Store& store, const v1::JobRecord& record) {
  CutOff cut;
  cut.prompts.resize(record.counters().prompts());
  Endings endings(store);
  uint64_t left = record.counters().truncated();
  absl::Status looked;
  absl::Status read = each_pair_of(store, record, [&](const v1::Pair& pair) {
    // What was cut off is never reused, so a reused pair is whole.
    if (pair.reused()) return true;
    auto truncated = endings.truncated(pair);
    looked = truncated.status();
    if (!looked.ok() || !*truncated) return looked.ok();
    cut.prompts[pair.prompt()] = true;
    cut.teachers.insert(pair.teacher());
    return --left > 0;
  });
  if (!read.ok()) return read;
  if (!looked.ok()) return looked;
  return cut;
}

v1::Job retry_of(const v1::JobRecord& record, const CutOff& cut, uint32_t max_output_tokens, int64_t utc_us) {
  v1::Job job = record.job();
  job.mutable_sampling()->set_max_output_tokens(max_output_tokens);
  // What was whole is not bought again, however it was bought the first time.
  job.clear_fresh();
  job.clear_max_age();
  if (job.ask() == v1::EACH) {
    job.clear_teachers();
    for (const std::string& teacher : record.job().teachers())
      if (cut.teachers.contains(teacher)) job.add_teachers(teacher);
    auto& shares = *job.mutable_shares();
    shares.erase(std::remove_if(shares.begin(), shares.end(),
                                [&](const v1::TeacherShare& share) { return !cut.teachers.contains(share.teacher()); }),
                 shares.end());
  }
  // The old job's deadline is no longer anybody's once it has passed.
  if (const auto deadline = text::parse_utc(job.deadline()); !deadline.ok() || *deadline <= utc_us)
    job.clear_deadline();
  return job;
}

/// Fills the draft with the prompts that were cut off, their lines' own caps raised.
class Filling {
 public:
  Filling(const store::Store& store, Intake& intake, const v1::JobRecord& from, const CutOff& cut,
          uint32_t max_output_tokens)
      : store_(store), intake_(intake), from_(from), cut_(cut), max_output_tokens_(max_output_tokens) {}

  absl::Status fill(v1::Draft& draft) {
    chunk_.set_job_id(draft.job_id());
    std::string file, file_told;
    for (uint64_t index = 0; index < cut_.prompts.size();) {
      auto prompts = store_.prompts(from_.number(), index, kChunkPrompts);
      if (!prompts.ok()) return prompts.status();
      if (prompts->empty()) return absl::DataLossError("a job holds fewer prompts than it counts");
      for (v1::Prompt& prompt : *prompts) {
        if (!prompt.file().empty()) file = prompt.file();
        if (!cut_.prompts[index++]) continue;
        if (absl::Status status = raise_cap(prompt); !status.ok()) return status;
        prompt.set_file(std::exchange(file_told, file) == file ? "" : file);
        bytes_ += prompt.ByteSizeLong();
        chunk_.add_prompts()->Swap(&prompt);
        if (chunk_.prompts_size() < kChunkPrompts && bytes_ < kChunkBytes) continue;
        if (absl::Status status = send(draft); !status.ok()) return status;
      }
    }
    return send(draft);
  }

 private:
  absl::Status raise_cap(v1::Prompt& prompt) const {
    const v1::Sampling merged = corpus::merge_sampling(from_.job().sampling(), prompt.sampling(), 0);
    for (const v1::Teacher& teacher : from_.pinned_teachers()) {
      if (!cut_.teachers.contains(teacher.name())) continue;
      if (const uint32_t old = output_cap(merged, teacher); max_output_tokens_ <= old)
        return absl::InvalidArgumentError(absl::StrCat("max_output_tokens: found ", max_output_tokens_, ", but line ",
                                                       prompt.line(), " of job ", from_.id(), " was cut off at ", old,
                                                       "; expected more"));
    }
    if (prompt.sampling().has_max_output_tokens()) prompt.mutable_sampling()->set_max_output_tokens(max_output_tokens_);
    return absl::OkStatus();
  }

  absl::Status send(v1::Draft& draft) {
    if (chunk_.prompts().empty()) return absl::OkStatus();
    chunk_.set_first(draft.prompts());
    auto held = intake_.add_prompts(chunk_);
    if (!held.ok()) return held.status();
    if (!held->bad_prompts().empty()) {
      const v1::BadPrompt& bad = held->bad_prompts(0);
      return absl::InvalidArgumentError(
          absl::StrCat("line ", chunk_.prompts(static_cast<int>(bad.index())).line(), ": ", bad.message()));
    }
    draft = *std::move(held);
    chunk_.clear_prompts();
    bytes_ = 0;
    return absl::OkStatus();
  }

  const store::Store& store_;
  Intake& intake_;
  const v1::JobRecord& from_;
  const CutOff& cut_;
  const uint32_t max_output_tokens_;
  v1::AddPromptsRequest chunk_;
  size_t bytes_ = 0;
};

}  // namespace

std::string truncated_retry_id(std::string_view job_id, uint32_t max_output_tokens) {
  return absl::StrCat(kSubmission, std::string(job_id), "/", max_output_tokens);
}

bool is_truncated_retry(std::string_view submission_id) {
  return submission_id.starts_with(kSubmission);
}

absl::StatusOr<v1::Draft> draft_truncated_retry(store::Store& store, Intake& intake, const v1::RetryJobRequest& request,
                                                const Caller& caller, int64_t utc_us) {
  auto record = store.find_job(request.job_id());
  if (!record.ok()) return record.status();
  const uint32_t cap = request.max_output_tokens();
  if (cap == 0) return absl::InvalidArgumentError("max_output_tokens: found none, expected the new, larger cap");
  const Caller for_owner{.tenant = record->tenant(), .principal = caller.principal};
  v1::OpenDraftRequest open;
  open.set_submission_id(truncated_retry_id(record->id(), cap));
  open.set_reopen(true);
  auto known = store.find_submission(open.submission_id());
  if (known.ok() && known->state() != v1::DRAFT) return intake.open_draft(open, for_owner);
  if (record->state() == v1::DRAFT || record->state() == v1::CANCELLED) return not_now(*record, "retried");
  if (record->counters().truncated() == 0)
    return absl::FailedPreconditionError(
        absl::StrCat("job ", record->id(), " has no answer that its output cap cut off: there is nothing to buy"));

  if (known.ok())
    if (absl::Status status = intake.discard(known->id()); !status.ok()) return status;
  auto cut = find_cut_off(store, *record);
  if (!cut.ok()) return cut.status();
  *open.mutable_job() = retry_of(*record, *cut, cap, utc_us);
  auto draft = intake.open_draft(open, for_owner);
  if (!draft.ok()) return draft;
  if (absl::Status status = Filling(store, intake, *record, *cut, cap).fill(*draft); !status.ok()) {
    intake.discard(draft->job_id()).IgnoreError();  // a draft that stays behind asks nothing
    return status;
  }
  return draft;
}

}  // namespace harvest::flow

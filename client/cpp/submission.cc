#include "client/cpp/submission.h"

#include <future>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cpp/draft_call.h"

namespace harvest::client {
namespace {

constexpr int kChunkPrompts = 512;
constexpr size_t kChunkBytes = 256 << 10;
constexpr size_t kBadLinesShown = 20;

using Chunk = v1::AddPromptsRequest;

/// One submission from its draft to its commit.
class Submission {
 public:
  Submission(HarvestClient& client, const SubmissionPlan& plan, PromptReader& reader)
      : client_(client), plan_(plan), reader_(reader) {}

  absl::StatusOr<Submitted> run() {
    if (const absl::Status status = open(); !status.ok()) {
      return status;
    }
    if (draft_.committed()) {
      auto job = client_.job(draft_.job_id());
      return job.ok() ? absl::StatusOr<Submitted>(Submitted{*std::move(job), true, 0}) : job.status();
    }
    absl::Status status = fill();
    if (status.ok() && count_ == 0) {
      status = absl::InvalidArgumentError(
          absl::StrCat(absl::StrJoin(plan_.job.prompts(), ", "), ": found no prompt, expected at least one"));
    }
    if (!status.ok()) {
      discard();
      return status;
    }
    return commit();
  }

 private:
  absl::Status open() {
    v1::OpenDraftRequest request;
    request.set_submission_id(plan_.submission_id);
    *request.mutable_job() = plan_.job;
    request.set_reopen(plan_.reopen);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    return to_absl(client_.jobs_stub().OpenDraft(&context, request, &draft_), client_.server());
  }

  /// Reads and sends everything. What a draft of this submission holds already is read over.
  absl::Status fill() {
    std::future<absl::StatusOr<v1::Draft>> sending;
    bool more = true;
    while (more) {
      auto chunk = std::make_shared<Chunk>();
      const auto read = read_chunk(chunk.get());
      if (const absl::Status status = sent(&sending); !status.ok()) {
        return status;
      }
      if (!read.ok()) {
        return read.status();
      }
      more = *read;
      if (chunk->prompts().empty()) {
        continue;
      }
      sending = std::async(std::launch::async, [this, chunk] {
        return call_patiently<v1::Draft>(client_.server(), [&](grpc::ClientContext* context, v1::Draft* reply) {
          return client_.jobs_stub().AddPrompts(context, *chunk, reply);
        });
      });
    }
    return sent(&sending);
  }

  /// Waits for the chunk under way.
  absl::Status sent(std::future<absl::StatusOr<v1::Draft>>* sending) {
    if (!sending->valid()) {
      return absl::OkStatus();
    }
    const absl::StatusOr<v1::Draft> draft = sending->get();
    if (!draft.ok()) {
      return draft.status();
    }
    if (plan_.on_progress && !plan_.on_progress(draft->prompts())) {
      return absl::CancelledError("interrupted; the draft is discarded and nothing was asked");
    }
    return absl::OkStatus();
  }

  /// False: there is no more after this chunk.
  absl::StatusOr<bool> read_chunk(Chunk* chunk) {
    chunk->set_job_id(draft_.job_id());
    size_t bytes = 0;
    while (chunk->prompts_size() < kChunkPrompts && bytes < kChunkBytes) {
      v1::Prompt* prompt = chunk->add_prompts();
      const auto got = reader_.next(prompt);
      if (!got.ok() || *got != PromptReader::Got::kPrompt) {
        chunk->mutable_prompts()->RemoveLast();
      }
      if (!got.ok()) {
        return got.status();
      }
      if (*got == PromptReader::Got::kEnd) {
        return false;
      }
      if (*got == PromptReader::Got::kBadLine) {
        if (const absl::Status status = bad_line(); !status.ok()) {
          return status;
        }
        continue;
      }
      if (++count_ <= draft_.prompts()) {
        chunk->mutable_prompts()->RemoveLast();
        continue;
      }
      if (chunk->prompts_size() == 1) {
        chunk->set_first(count_ - 1);
      }
      bytes += prompt->ByteSizeLong();
    }
    return true;
  }

  absl::Status bad_line() {
    if (plan_.job.on_bad_line() == v1::SKIP) {
      ++skipped_;
      if (plan_.on_skipped) {
        plan_.on_skipped(reader_.bad_line());
      }
      return absl::OkStatus();
    }
    // Fatal. What else is wrong is told in the same round.
    std::vector<std::string> lines = {reader_.bad_line()};
    v1::Prompt prompt;
    auto got = reader_.next(&prompt);
    for (; got.ok() && *got != PromptReader::Got::kEnd && lines.size() < kBadLinesShown; got = reader_.next(&prompt)) {
      if (*got == PromptReader::Got::kBadLine) {
        lines.push_back(reader_.bad_line());
      }
    }
    lines.push_back(lines.size() == kBadLinesShown
                        ? "and maybe more; nothing was submitted"
                        : "nothing was submitted (--on-bad-line skip passes over bad lines)");
    return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
  }

  void discard() {
    v1::DiscardDraftRequest request;
    request.set_job_id(draft_.job_id());
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    v1::DiscardDraftReply reply;
    // The reason why it is discarded is what the caller is told; a draft that stays behind asks nothing.
    client_.jobs_stub().DiscardDraft(&context, request, &reply);
  }

  absl::StatusOr<Submitted> commit() {
    v1::CommitDraftRequest request;
    request.set_job_id(draft_.job_id());
    request.set_prompts(count_);
    request.set_skipped_lines(skipped_);
    auto job = call_patiently<v1::JobStatus>(client_.server(), [&](grpc::ClientContext* context, v1::JobStatus* reply) {
      return client_.jobs_stub().CommitDraft(context, request, reply);
    });
    if (!job.ok()) {
      return job.status();
    }
    return Submitted{*std::move(job), false, skipped_};
  }

  HarvestClient& client_;
  const SubmissionPlan& plan_;
  PromptReader& reader_;
  v1::Draft draft_;
  uint64_t count_ = 0;  // prompts read
  uint64_t skipped_ = 0;
};

}  // namespace

absl::StatusOr<Submitted> submit(HarvestClient& client, const SubmissionPlan& plan) {
  // Files and template are looked at before the service is asked: their mistakes change nothing.
  auto reader = PromptReader::open({plan.job.prompts().begin(), plan.job.prompts().end()}, plan.job.template_());
  if (!reader.ok()) {
    return reader.status();
  }
  return Submission(client, plan, **reader).run();
}

}  // namespace harvest::client

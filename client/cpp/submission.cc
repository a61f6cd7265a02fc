#include "client/cpp/submission.h"

#include <algorithm>
#include <future>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cpp/draft_call.h"
#include "client/cpp/prompts_digest.h"
#include "client/cpp/repeated_lines.h"

namespace harvest::client {
namespace {

/// What an answer may come to where neither the job nor its line says: the teacher's default bounds it, as money must
/// be. Who did not know would pay for answers that are cut off.
std::string unstated_caps(const v1::JobRecord& record) {
  if (record.job().sampling().max_output_tokens() > 0 || record.pinned_teachers().empty()) return "";
  std::vector<std::string> caps;
  for (const v1::Teacher& teacher : record.pinned_teachers())
    caps.push_back(absl::StrCat(teacher.name(), ": ", teacher.default_max_output_tokens()));
  return absl::StrCat("answers end at their teacher's default_max_output_tokens (", absl::StrJoin(caps, ", "),
                      "); --max-output states another cap");
}

constexpr size_t kChunkPrompts = 512;
constexpr size_t kChunkBytes = 256 << 10;
constexpr size_t kBadLinesShown = 20;
constexpr char kNothingSubmitted[] = "nothing was submitted (--on-bad-line skip passes over bad lines)";

/// Prompts on their way, with the file that each came from.
struct Chunk {
  v1::AddPromptsRequest request;
  std::vector<size_t> files;
};

/// One submission from its draft to its commit.
class Submission {
 public:
  Submission(HarvestClient& client, const SubmissionPlan& plan, PromptReader& reader)
      : client_(client), plan_(plan), reader_(reader) {}

  absl::StatusOr<Submitted> run() {
    if (const absl::Status status = open_whole(); !status.ok()) {
      return status;
    }
    if (draft_.committed()) {
      auto job = client_.job(draft_.job_id());
      return job.ok() ? absl::StatusOr<Submitted>(Submitted{*std::move(job), true, 0, {}}) : job.status();
    }
    absl::Status status = fill();
    if (status.ok() && held_ == 0) {
      std::vector<std::string> names;
      for (int i = 0; i < plan_.job.prompts_size(); ++i) {
        names.push_back(reader_.name_of(static_cast<size_t>(i)));
      }
      status = absl::InvalidArgumentError(
          absl::StrCat(absl::StrJoin(names, ", "), ": found no prompt, expected at least one"));
    }
    if (!status.ok()) {
      client_.discard_draft(draft_.job_id());
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

  /// A draft that an earlier call left half filled is gone on with, unless prompts may have been left out of it: then
  /// nobody knows any more which line comes next, and it is begun again.
  absl::Status open_whole() {
    absl::Status status = open();
    if (status.ok() && !draft_.committed() && draft_.prompts() > 0 && plan_.job.on_bad_line() == v1::SKIP) {
      client_.discard_draft(draft_.job_id());
      draft_.Clear();
      status = open();
    }
    held_ = draft_.prompts();
    return status;
  }

  /// Reads and sends everything. What a draft of this submission holds already is read over.
  absl::Status fill() {
    std::future<absl::Status> sending;
    bool more = true;
    while (more) {
      Chunk chunk;
      const auto read = read_chunk(&chunk);
      if (const absl::Status status = sent(&sending); !status.ok()) {
        return status;
      }
      if (!read.ok()) {
        return read.status();
      }
      more = *read;
      if (!chunk.files.empty()) {
        sending = std::async(std::launch::async, &Submission::send, this, std::move(chunk));
      }
    }
    return sent(&sending);
  }

  /// Waits for the chunk under way.
  absl::Status sent(std::future<absl::Status>* sending) {
    if (!sending->valid()) {
      return absl::OkStatus();
    }
    if (const absl::Status status = sending->get(); !status.ok()) {
      return status;
    }
    for (const std::string& bad : turned_away_) {
      skip(bad);
    }
    turned_away_.clear();
    if (plan_.on_progress && !plan_.on_progress(held_)) {
      return absl::CancelledError("interrupted; the draft is discarded and nothing was asked");
    }
    return absl::OkStatus();
  }

  /// Sends a chunk, a second time without the prompts that the service says cannot be asked. Runs beside read_chunk():
  /// held_ and turned_away_ are its alone until sent() has waited for it.
  absl::Status send(Chunk chunk) {
    while (!chunk.files.empty()) {
      chunk.request.set_job_id(draft_.job_id());
      chunk.request.set_first(held_);
      const auto draft =
          call_patiently<v1::Draft>(client_.server(), [&](grpc::ClientContext* context, v1::Draft* reply) {
            return client_.jobs_stub().AddPrompts(context, chunk.request, reply);
          });
      if (!draft.ok()) {
        return draft.status();
      }
      if (draft->bad_prompts().empty()) {
        held_ += chunk.files.size();
        return absl::OkStatus();
      }
      if (const absl::Status status = take_out(*draft, &chunk); !status.ok()) {
        return status;
      }
    }
    return absl::OkStatus();
  }

  absl::Status take_out(const v1::Draft& draft, Chunk* chunk) {
    std::vector<std::string> lines;
    std::vector<bool> bad(chunk->files.size());
    for (const v1::BadPrompt& prompt : draft.bad_prompts()) {
      if (prompt.index() >= bad.size()) {
        return absl::InternalError("the service refused a prompt that was not sent");
      }
      bad[prompt.index()] = true;
      lines.push_back(absl::StrCat(reader_.name_of(chunk->files[prompt.index()]), ":",
                                   chunk->request.prompts(static_cast<int>(prompt.index())).line(), ": ",
                                   prompt.message()));
    }
    if (plan_.job.on_bad_line() != v1::SKIP) {
      lines.resize(std::min(lines.size(), kBadLinesShown));
      lines.push_back(kNothingSubmitted);
      return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
    }
    Chunk good;
    for (size_t i = 0; i < bad.size(); ++i) {
      if (!bad[i]) {
        good.request.add_prompts()->Swap(chunk->request.mutable_prompts(static_cast<int>(i)));
        good.files.push_back(chunk->files[i]);
      }
    }
    *chunk = std::move(good);
    turned_away_.insert(turned_away_.end(), lines.begin(), lines.end());
    return absl::OkStatus();
  }

  /// False: there is no more after this chunk.
  absl::StatusOr<bool> read_chunk(Chunk* chunk) {
    size_t bytes = 0;
    v1::Prompt prompt;
    while (chunk->files.size() < kChunkPrompts && bytes < kChunkBytes) {
      const auto got = reader_.next(&prompt);
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
      repeated_.add(prompt, static_cast<uint32_t>(reader_.file()));
      digest_.add(prompt);
      if (++count_ <= draft_.prompts()) {
        continue;
      }
      bytes += prompt.ByteSizeLong();
      chunk->request.add_prompts()->Swap(&prompt);
      chunk->files.push_back(reader_.file());
    }
    return true;
  }

  void skip(const std::string& bad_line) {
    ++skipped_;
    if (plan_.on_skipped) {
      plan_.on_skipped(bad_line);
    }
  }

  absl::Status bad_line() {
    if (plan_.job.on_bad_line() == v1::SKIP) {
      skip(reader_.bad_line());
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
    lines.push_back(lines.size() == kBadLinesShown ? "and maybe more; nothing was submitted" : kNothingSubmitted);
    return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
  }

  absl::StatusOr<Submitted> commit() {
    v1::CommitDraftRequest request;
    request.set_job_id(draft_.job_id());
    request.set_prompts(held_);
    request.set_skipped_lines(skipped_);
    request.set_prompts_sha256(digest_.finish());
    auto job = call_patiently<v1::JobStatus>(client_.server(), [&](grpc::ClientContext* context, v1::JobStatus* reply) {
      return client_.jobs_stub().CommitDraft(context, request, reply);
    });
    if (!job.ok()) {
      return job.status();
    }
    const auto name = [this](RepeatedLines::Line line) {
      return absl::StrCat(reader_.name_of(line.file), ":", line.number);
    };
    Submitted submitted{*std::move(job), false, skipped_, {}};
    if (std::string repeats = repeated_.told(name, plan_.job.fresh()); !repeats.empty())
      submitted.notes.push_back(std::move(repeats));
    if (std::string caps = unstated_caps(submitted.job.record()); !caps.empty())
      submitted.notes.push_back(std::move(caps));
    return submitted;
  }

  HarvestClient& client_;
  const SubmissionPlan& plan_;
  PromptReader& reader_;
  v1::Draft draft_;
  uint64_t count_ = 0;  // prompts read
  uint64_t held_ = 0;   // prompts that the draft holds
  uint64_t skipped_ = 0;
  RepeatedLines repeated_;
  PromptsDigest digest_;  // of all that were read: a plan is made of them before the service has seen any
  std::vector<std::string> turned_away_;  // lines of the chunk sent last that the service cannot ask
};

}  // namespace

absl::StatusOr<Submitted> submit(HarvestClient& client, const SubmissionPlan& plan) {
  // Files and template are looked at before the service is asked: their mistakes change nothing.
  auto reader =
      PromptReader::open({plan.job.prompts().begin(), plan.job.prompts().end()}, plan.job.template_(), &client);
  if (!reader.ok()) {
    return reader.status();
  }
  return Submission(client, plan, **reader).run();
}

}  // namespace harvest::client

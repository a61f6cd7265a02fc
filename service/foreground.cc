#include "service/foreground.h"

#include <unistd.h>

#include <chrono>
#include <iostream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "client/cpp/endings.h"
#include "client/cpp/exit_code.h"
#include "client/cpp/progress.h"
#include "client/cpp/submission_id.h"
#include "client/cpp/terminal_text.h"
#include "service/log_aside.h"
#include "service/publish/view.h"

namespace harvest {

namespace {

constexpr uint32_t kWatchEveryMs = 200;

/// Queries that ended without any answer, which a retry asks again.
uint64_t failed(const v1::JobCounters& counters) {
  return counters.rejected() + counters.quarantined();
}

/// Resumes a job of an earlier call: its cap is cumulative and may have been raised; a teacher that was halted is asked
/// again, because whoever calls again has seen why it was.
absl::Status resume(client::HarvestClient& client, const v1::Job& wanted, v1::JobStatus job, bool retry_failed) {
  if (retry_failed && failed(job.record().counters()) > 0) {
    auto again = client.retry_job(job.record().id());
    if (!again.ok()) return again.status();
    job = *std::move(again);
  }
  if (job.record().state() != v1::PAUSED && job.record().state() != v1::RUNNING) return absl::OkStatus();
  const v1::Job& has = job.record().job();
  v1::RetuneJobRequest retune;
  if (wanted.max_cost_usd() != has.max_cost_usd()) retune.set_max_cost_usd(wanted.max_cost_usd());
  if (wanted.weight() != has.weight()) retune.set_weight(wanted.weight());
  if (wanted.concurrency() != has.concurrency()) retune.set_concurrency(wanted.concurrency());
  *retune.mutable_shares() = wanted.shares();
  if (retune.ByteSizeLong() > 0) {
    retune.set_job_id(job.record().id());
    if (auto done = client.retune_job(retune); !done.ok()) return done.status();
  }
  for (const std::string& name : wanted.teachers())
    if (auto teacher = client.teacher(name); teacher.ok() && (teacher->halted() || teacher->paused()))
      if (auto resumed = client.resume_teacher(name); !resumed.ok()) return resumed.status();
  return client.resume_job(job.record().id()).status();  // also where it runs: nobody has opened it in this process
}

/// Names what did not end in an answer: never just a number.
void name_endings(client::HarvestClient& client, const v1::JobStatus& job) {
  if (const std::string unasked = client::unasked_line(job.record()); !unasked.empty()) std::cerr << unasked << "\n";
  const uint64_t others = client::ended_otherwise(job.record().counters());
  if (others == 0) return;
  std::cerr << others << (others == 1 ? " query" : " queries") << " ended otherwise than in an answer:\n";
  const absl::Status told = client::each_ending(client, job, 0, [](const v1::Ending& ending) {
    std::cerr << "  " << client::ending_line(ending) << "\n";
    return true;
  });
  if (!told.ok()) std::cerr << "  (" << told.message() << ")\n";
}

/// What an earlier call of the same command came to.
void say_resumed(const v1::JobStatus& job, bool retry_failed) {
  const v1::JobRecord& record = job.record();
  const uint64_t unanswered = failed(record.counters());
  const std::string what = absl::StrCat("job ", record.id(), " of ", client::short_time(record.created_at_us()));
  if (retry_failed && unanswered > 0 && record.state() != v1::CANCELLED) {
    std::cerr << "going on with " << what << ": asking again " << unanswered << " of " << record.counters().queries()
              << " queries, which ended without an answer\n";
  } else if (record.state() == v1::FINISHED || record.state() == v1::CANCELLED) {
    std::cerr << what << " was this command and ended at " << client::short_time(record.finished_at_us())
              << ": nothing is left to ask ("
              << (unanswered > 0 ? "--retry-failed asks again what ended without an answer, " : "")
              << "--fresh asks all of it again)\n";
  } else {
    std::cerr << "going on with " << what << ": " << client::ended(record.counters()) << " of "
              << record.counters().queries() << " queries have ended\n";
  }
}

void show_shards(const v1::DatasetStatus& dataset) {
  for (const v1::ViewStatus& view : dataset.views())
    std::cout << "dataset " << dataset.record().name() << ": "
              << (view.record().view().name() == publish::kDefaultView ? ""
                                                                       : "view " + view.record().view().name() + ", ")
              << "version " << view.record().version() << ", " << client::counted(view.rows(), "pair") << " in "
              << client::counted(view.shards(), "shard") << " under " << dataset.directory() << "\n";
}

}  // namespace

int fail_run(const absl::Status& status) {
  std::cerr << "harvestd run: " << client::safe_text(std::string(status.message()), true) << "\n";
  return client::exit_code_of(status);
}

Foreground::Foreground(Daemon& daemon, const std::atomic<bool>& interrupted)
    : client_(daemon.channel(), "this process"), interrupted_(interrupted) {}

int Foreground::harvest(const v1::Job& job, bool retry_failed) {
  auto submitted = submit(job);
  if (!submitted.ok()) return interrupted_ ? client::kInterrupted : fail_run(submitted.status());
  if (submitted->resumed) {
    say_resumed(submitted->job, retry_failed);
    if (absl::Status status = resume(client_, job, submitted->job, retry_failed); !status.ok()) return fail_run(status);
  }
  const std::string id = submitted->job.record().id();
  const absl::Status watched = watch(id);
  if (interrupted_) {
    std::cerr << "interrupted; the same command goes on with job " << id << "\n";
    return client::kInterrupted;
  }
  auto last = client_.job(id);
  if (!watched.ok() || !last.ok()) return fail_run(watched.ok() ? last.status() : watched);
  return tell(*last);
}

absl::StatusOr<client::Submitted> Foreground::submit(const v1::Job& job) {
  client::SubmissionPlan plan{.job = job, .reopen = true};
  plan.on_skipped = [](const std::string& line) { std::cerr << "skipped: " << client::safe_text(line) << "\n"; };
  plan.on_progress = [this](uint64_t) { return !interrupted_.load(); };
  auto id = client::lasting_submission_id(job);
  if (!id.ok()) return id.status();
  plan.submission_id = *std::move(id);
  auto submitted = client::submit(client_, plan);
  if (submitted.ok())
    for (const std::string& note : submitted->notes) std::cerr << client::safe_text(note) << "\n";
  return submitted;
}

absl::Status Foreground::watch(const std::string& id) {
  std::optional<LogAside> aside;
  if (client::is_terminal(STDERR_FILENO)) aside.emplace();
  client::Progress progress = client::Progress::on(stderr);
  const absl::Status watched = client_.watch_job(id, kWatchEveryMs, [&](const v1::JobStatus& now) {
    if (aside)
      for (const std::string& line : aside->take()) progress.say(line);
    progress.show(now, std::chrono::steady_clock::now().time_since_epoch());
    return !interrupted_.load();
  });
  progress.finish();
  return watched;
}

int Foreground::tell(const v1::JobStatus& job) {
  name_endings(client_, job);
  if (!job.record().reason().empty()) std::cerr << job.record().reason() << "\n";
  const int code = client::exit_code_of(job);
  if (code == client::kCostCap) std::cerr << "the same command with a larger --max-cost goes on from here\n";
  if (job.record().counters().answered() + job.record().counters().refused() == 0) return code;
  auto dataset = client_.publish(job.record().job().dataset(), v1::View());
  if (!dataset.ok()) return fail_run(dataset.status());
  show_shards(*dataset);
  return code;
}

}  // namespace harvest

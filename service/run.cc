#include "service/run.h"

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client/cpp/exit_code.h"
#include "client/cpp/harvest_client.h"
#include "client/cpp/progress.h"
#include "client/cpp/submission.h"
#include "client/cpp/submission_id.h"
#include "client/cpp/terminal_text.h"
#include "service/daemon.h"
#include "service/observe/log.h"
#include "service/serve.h"

namespace harvest {

namespace {

constexpr uint64_t kEndingsShown = 1000;

int fail(const absl::Status& status) {
  std::cerr << "harvestd run: " << status.message() << "\n";
  return client::exit_code_of(status);
}

/// Resumes a job of an earlier call: its cap is cumulative and may have been raised; a teacher that was halted is asked
/// again, because whoever calls again has seen why it was.
absl::Status resume(client::HarvestClient& client, const v1::Job& wanted, const v1::JobStatus& job) {
  if (!wanted.max_cost_usd().empty() && wanted.max_cost_usd() != job.record().job().max_cost_usd()) {
    v1::RetuneJobRequest retune;
    retune.set_job_id(job.record().id());
    retune.set_max_cost_usd(wanted.max_cost_usd());
    if (auto done = client.retune_job(retune); !done.ok()) return done.status();
  }
  if (job.record().state() != v1::PAUSED && job.record().state() != v1::RUNNING) return absl::OkStatus();
  for (const std::string& name : wanted.teachers())
    if (auto teacher = client.teacher(name); teacher.ok() && (teacher->halted() || teacher->paused()))
      if (auto resumed = client.resume_teacher(name); !resumed.ok()) return resumed.status();
  if (job.record().state() == v1::PAUSED) return client.resume_job(job.record().id()).status();
  return absl::OkStatus();
}

void name_endings(client::HarvestClient& client, const v1::JobStatus& job) {
  const v1::JobCounters& counters = job.record().counters();
  if (counters.rejected() + counters.quarantined() > 0) {
    std::cerr << counters.rejected() + counters.quarantined() << " queries ended without an answer:\n";
    const absl::Status told = client.endings(job.record().id(), kEndingsShown, [](const v1::Ending& ending) {
      std::cerr << "  line " << ending.line() << (ending.custom_id().empty() ? "" : " " + ending.custom_id())
                << " sample " << ending.sample() << ": " << ending.outcome() << " "
                << client::safe_text(ending.vendor_code()) << " " << client::safe_text(ending.message()) << "\n";
      return true;
    });
    if (!told.ok()) std::cerr << "  (" << told.message() << ")\n";
  }
  if (counters.refused() > 0)
    std::cerr << counters.refused() << " queries were refused by the teacher; their pairs have refused=true\n";
}

void show_shards(const v1::DatasetStatus& dataset) {
  std::cout << "dataset " << dataset.record().name() << ": version " << dataset.record().version() << ", "
            << dataset.published_rows() << " pairs in " << dataset.shards() << " shards under " << dataset.directory()
            << "\n";
}

}  // namespace

RunCommand::RunCommand(CLI::App& command) {
  flags_.add_to(command);
}

int RunCommand::execute(const std::string& config_path, const Signals& signals) {
  auto job = flags_.job();
  if (!job.ok()) return fail(job.status());
  auto config = load_config(config_path);
  if (!config.ok()) {
    std::cerr << config.status().message() << "\n";
    return client::kUsage;
  }
  // Progress is what a person watches here; the log speaks up from warnings on, unless the configuration says
  // otherwise.
  const std::string level = config->log().level() == "info" ? "warn" : config->log().level();
  if (absl::Status status = observe::log::configure(level, config->log().format()); !status.ok()) return fail(status);
  auto daemon = Daemon::start(*std::move(config), Daemon::Ports::kNone);
  if (!daemon.ok()) {
    std::cerr << "harvestd run: " << daemon.status().message() << "\n";
    return exit_code_of_start(daemon.status());
  }
  const v1::ServiceStatus status = (*daemon)->status();
  if (status.halted()) std::cerr << "the service is halted: " << status.halt_reason() << "\n";
  for (const v1::OpenIntent& intent : status.crash_intents())
    std::cerr << "may have been billed without an answer: attempt " << intent.attempt_id() << " job " << intent.job_id()
              << " prompt " << intent.prompt() << " sample " << intent.sample() << ", at most $"
              << intent.cost_max_usd() << "\n";

  client::HarvestClient client((*daemon)->channel(), "this process");
  std::atomic<bool> interrupted{false};
  std::jthread watcher([&](std::stop_token ended) {
    while (!ended.stop_requested())
      if (signals.wait_for(std::chrono::milliseconds(50))) {
        if (interrupted.exchange(true)) (*daemon)->hurry();  // asked twice: do not wait for what is in flight
      }
  });

  client::SubmissionPlan plan{.job = *job, .reopen = true};
  plan.on_skipped = [](const std::string& line) { std::cerr << "skipped: " << line << "\n"; };
  plan.on_progress = [&](uint64_t) { return !interrupted.load(); };
  int code = client::kInterrupted;
  auto id = client::lasting_submission_id(*job);
  if (!id.ok()) return fail(id.status());
  plan.submission_id = *std::move(id);
  auto submitted = client::submit(client, plan);
  if (!submitted.ok()) {
    if (!interrupted) code = fail(submitted.status());
  } else {
    const std::string job_id = submitted->job.record().id();
    absl::Status watched = submitted->resumed ? resume(client, *job, submitted->job) : absl::OkStatus();
    client::Progress progress = client::Progress::on(stderr);
    if (watched.ok())
      watched = client.watch_job(job_id, 200, [&](const v1::JobStatus& now) {
        progress.show(now, std::chrono::steady_clock::now().time_since_epoch());
        return !interrupted.load();
      });
    progress.finish();
    auto last = client.job(job_id);
    if (!watched.ok() && !interrupted) {
      code = fail(watched);
    } else if (!last.ok()) {
      code = fail(last.status());
    } else if (interrupted) {
      std::cerr << "interrupted; the same command goes on with job " << job_id << "\n";
    } else {
      name_endings(client, *last);
      if (!last->record().reason().empty()) std::cerr << last->record().reason() << "\n";
      code = client::exit_code_of(*last);
      if (last->record().counters().answered() + last->record().counters().refused() > 0) {
        auto dataset = client.publish(job->dataset(), v1::View());
        if (!dataset.ok()) code = fail(dataset.status());
        if (dataset.ok()) show_shards(*dataset);
      }
    }
  }
  if (absl::Status stopped = (*daemon)->stop(); !stopped.ok()) return fail(stopped);
  return code;
}

}  // namespace harvest

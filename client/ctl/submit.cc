#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <unistd.h>

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cpp/job_flags.h"
#include "client/cpp/progress.h"
#include "client/cpp/submission.h"
#include "client/cpp/submission_id.h"
#include "client/cpp/terminal_text.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"
#include "client/ctl/watch.h"

namespace harvest::ctl {
namespace {

struct SubmitFlags {
  client::JobFlags job;
  std::string submission_id;
  bool watch = false;
};

absl::StatusOr<client::SubmissionPlan> plan_of(const SubmitFlags& flags) {
  auto job = flags.job.job();
  if (!job.ok()) {
    return job.status();
  }
  client::SubmissionPlan plan;
  plan.job = *std::move(job);
  plan.submission_id = flags.submission_id;
  // Who names the submission means: once, however often I say it.
  plan.reopen = !flags.submission_id.empty();
  if (plan.submission_id.empty()) {
    auto id = client::new_submission_id();
    if (!id.ok()) {
      return id.status();
    }
    plan.submission_id = *std::move(id);
  }
  const bool on_terminal = client::is_terminal(STDERR_FILENO);
  plan.on_skipped = [](const std::string& bad_line) {
    std::fprintf(stderr, "skipped: %s\n", client::safe_text(bad_line).c_str());
  };
  plan.on_progress = [on_terminal](uint64_t prompts) {
    if (on_terminal) {
      std::fprintf(stderr, "\r\x1b[K%llu prompts sent\r", static_cast<unsigned long long>(prompts));
    }
    return !interrupted();
  };
  return plan;
}

int submit(Session& session, const SubmitFlags& flags) {
  const auto plan = plan_of(flags);
  if (!plan.ok()) {
    return session.fail(plan.status());
  }
  catch_interrupts();
  const auto submitted = client::submit(session.client(), *plan);
  if (client::is_terminal(STDERR_FILENO)) {
    std::fputs("\r\x1b[K", stderr);
  }
  if (!submitted.ok()) {
    return session.fail(submitted.status());
  }
  for (const std::string& note : submitted->notes) {
    std::fprintf(stderr, "%s\n", client::safe_text(note).c_str());
  }
  const v1::JobRecord& record = submitted->job.record();
  if (session.json) {
    session.print_json(submitted->job);
  } else {
    session.say(record.id());
    std::fprintf(stderr, "%s: %s, %llu %s, dataset %s%s\n", submitted->resumed ? "submitted before" : "submitted",
                 client::counted(record.counters().prompts(), "prompt").c_str(),
                 static_cast<unsigned long long>(record.counters().queries()),
                 record.counters().queries() == 1 ? "query" : "queries",
                 client::safe_text(record.job().dataset()).c_str(),
                 submitted->skipped_lines > 0
                     ? absl::StrCat(", ", client::counted(submitted->skipped_lines, "line"), " skipped").c_str()
                     : "");
  }
  return flags.watch ? watch(session, record.id()) : client::kOk;
}

}  // namespace

void add_submit(CLI::App& app, Session& session) {
  auto flags = std::make_shared<SubmitFlags>();
  CLI::App& command = session.command(app, "submit", "submit prompts as a job; prints the job's id",
                                      "submit --teacher qwen --purpose training --dataset maths \\\n"
                                      "      --template 'Solve: {{question}}' --max-cost 5 --watch prompts.jsonl.gz",
                                      [&session, flags] { return submit(session, *flags); });
  flags->job.add_to(command);
  command.add_option("--submission-id", flags->submission_id,
                     "a name of your choosing: the same one submits only once");
  command.add_flag("--watch", flags->watch, "show the job until it ends; the exit code is then the job's");
}

}  // namespace harvest::ctl

#include "service/run.h"

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include "client/cpp/exit_code.h"
#include "client/cpp/terminal_text.h"
#include "service/daemon.h"
#include "service/foreground.h"
#include "service/observe/log.h"
#include "service/serve.h"

namespace harvest {

namespace {

void name_intents(const v1::ServiceStatus& status) {
  for (const v1::OpenIntent& intent : status.crash_intents())
    std::cerr << "may have been billed without an answer: attempt " << intent.attempt_id() << " job " << intent.job_id()
              << " prompt " << intent.prompt() << " sample " << intent.sample()
              << (intent.samples() > 1 ? " to " + std::to_string(intent.sample() + intent.samples() - 1) : "")
              << ", at most $" << intent.cost_max_usd() << "\n";
}

}  // namespace

RunCommand::RunCommand(CLI::App& command) {
  flags_.add_to(command);
  command.add_flag("--retry-failed", retry_failed_,
                   "where this command ran before: ask again what ended without an answer (a teacher that was down, "
                   "say); refusals stay");
}

int RunCommand::execute(const std::string& config_path, const Signals& signals) {
  auto job = flags_.job();
  if (!job.ok()) return fail_run(job.status());
  auto config = load_config(config_path);
  if (!config.ok()) {
    std::cerr << config.status().message() << "\n";
    return client::kUsage;
  }
  // Progress is what a person watches here; the log speaks up from warnings on, unless the configuration says
  // otherwise.
  const std::string level = config->log().level() == "info" ? "warn" : config->log().level();
  if (absl::Status status = observe::log::configure(level, config->log().format()); !status.ok())
    return fail_run(status);
  auto daemon = Daemon::start(*std::move(config), Daemon::Ports::kNone);
  if (!daemon.ok()) {
    std::cerr << "harvestd run: " << daemon.status().message() << "\n";
    return exit_code_of_start(daemon.status());
  }
  const v1::ServiceStatus status = (*daemon)->status();
  name_intents(status);
  if (status.halted()) {
    std::cerr << "harvestd run: the service is halted: " << client::safe_text(status.halt_reason())
              << "; lift it with `harvestd serve` and `harvestctl halt --lift`\n";
    return client::kRefused;
  }
  std::atomic<bool> interrupted{false};
  std::jthread watcher([&](std::stop_token ended) {
    while (!ended.stop_requested())
      if (signals.wait_for(std::chrono::milliseconds(50))) {
        if (interrupted.exchange(true)) (*daemon)->hurry();  // asked twice: do not wait for what is in flight
      }
  });
  const int code = Foreground(**daemon, interrupted).harvest(*job, retry_failed_);
  if (absl::Status stopped = (*daemon)->stop(); !stopped.ok()) return fail_run(stopped);
  return code;
}

}  // namespace harvest

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cstdio>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "client/cpp/job_flags.h"
#include "client/cpp/pilot.h"
#include "client/cpp/plan_text.h"
#include "client/cpp/progress.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"
#include "client/ctl/watch.h"
#include "proto/text/money.h"

namespace harvest::ctl {
namespace {

struct PlanFlags {
  client::JobFlags job;
  uint32_t pilot = 32;
  bool no_pilot = false;
  std::string pilot_max_cost = "1";
};

void show_plan(Session& session, const v1::Plan& plan) {
  Table table({"TEACHER", "ROUTE", "QUERIES", "DOLLARS", "TIME", "INPUT", "OUTPUT", "BINDS", "BASIS"});
  for (const v1::Plan::Part& part : plan.parts()) {
    table.add({part.teacher(), part.route(), client::short_count(static_cast<double>(part.queries())),
               client::dollars_text(part.cost_usd()), client::time_text(part.seconds()),
               client::count_text(part.input_tokens()), client::count_text(part.output_tokens()), part.binding(),
               part.basis() == "pilot" ? client::counted(part.pilot_answers(), "pilot answer") : part.basis()});
  }
  session.print(table);
  const std::string repeated = plan.repeated_prompts() == 0
                                   ? ""
                                   : absl::StrCat(", ", plan.repeated_prompts(), " of them repeated and asked once");
  session.print_facts({
      {"prompts", absl::StrCat(plan.prompts(), repeated)},
      {"known", plan.known_share() == 0 ? ""
                                        : absl::StrCat(static_cast<int>(plan.known_share() * 100 + 0.5),
                                                       " % answered before, and not paid again")},
      {"pilot",
       plan.pilot_job_id().empty() ? "" : absl::StrCat("$", plan.pilot_cost_usd(), ", job ", plan.pilot_job_id())},
      {"cost", client::dollars_text(plan.cost_usd())},
      {"time", client::time_text(plan.seconds())},
      {"binds", plan.binding()},
  });
  for (const std::string& note : plan.notes()) session.say(absl::StrCat("note: ", note));
}

/// A pilot that cannot be paid for is not begun.
absl::Status check_pilot_cost(Session& session, const v1::PlanJobRequest& request, const v1::Job& pilot) {
  const auto cap = text::parse_usd(pilot.max_cost_usd());
  if (!cap.ok()) return absl::InvalidArgumentError(absl::StrCat("--pilot-max-cost: ", cap.status().message()));
  const auto foretold = session.client().plan(client::plan_of_pilot(request, pilot));
  if (!foretold.ok()) return foretold.status();
  if (foretold->cost_usd().expected() <= text::dollars_of(*cap)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--pilot-max-cost: found $", pilot.max_cost_usd(), ", but the pilot may cost ",
      client::dollars_text(foretold->cost_usd()), "; expected a larger cap, a smaller --pilot, or --no-pilot"));
}

/// Watches the pilot until it is at rest. Whatever it came to is planned from; one that came to nothing is an error.
std::optional<int> run_pilot(Session& session, const v1::Job& pilot, v1::PlanJobRequest& request) {
  if (absl::Status status = check_pilot_cost(session, request, pilot); !status.ok()) return session.fail(status);
  const auto job = client::submit_pilot(session.client(), request, pilot);
  if (!job.ok()) return session.fail(job.status());
  const std::string id = job->record().id();
  const int ended = watch_quietly(session, id);
  if (ended == client::kInterrupted || ended == client::kUnreachable) return ended;
  const auto last = session.client().job(id);
  if (!last.ok()) return session.fail(last.status());
  const v1::JobCounters& counters = last->record().counters();
  if (counters.answered() + counters.refused() == 0) {
    session.fail(absl::FailedPreconditionError(
        absl::StrCat("the pilot, job ", id, ", came to no answer: see harvestctl jobs endings ", id)));
    return ended == client::kOk ? client::kRefused : ended;
  }
  request.set_pilot_job_id(id);
  return std::nullopt;
}

int plan(Session& session, const PlanFlags& flags) {
  const auto job = flags.job.job();
  if (!job.ok()) return session.fail(job.status());
  auto request = client::read_for_plan(*job, flags.pilot, &session.client());
  if (!request.ok()) return session.fail(request.status());
  // First what is known already; it also refuses what the job itself would be refused for, before anything is paid.
  request->set_keep(flags.no_pilot);
  const auto known = session.client().plan(*request);
  if (!known.ok()) return session.fail(known.status());
  if (!flags.no_pilot) {
    if (known->known_share() < 1) {
      if (const auto failed = run_pilot(session, client::pilot_of(*job, flags.pilot_max_cost), *request))
        return *failed;
    }
    request->set_keep(true);
  }
  const auto plan = flags.no_pilot ? known : session.client().plan(*request);
  return session.answer(plan, [&](const v1::Plan& made) { show_plan(session, made); });
}

}  // namespace

void add_plan(CLI::App& app, Session& session) {
  auto flags = std::make_shared<PlanFlags>();
  CLI::App& command = session.command(
      app, "plan", "what a job would cost and take, before it is paid for; a small pilot is asked, and kept",
      "plan --teacher qwen --purpose training --dataset maths --pilot 64 prompts.jsonl.gz",
      [&session, flags] { return plan(session, *flags); });
  flags->job.add_to(command);
  CLI::Option* pilot = command.add_option("--pilot", flags->pilot, "prompts of the pilot, over all sizes of prompts")
                           ->check(CLI::Range(2u, 4096u))
                           ->capture_default_str();
  command.add_flag("--no-pilot", flags->no_pilot, "ask nothing: plan from what is known")->excludes(pilot);
  command.add_option("--pilot-max-cost", flags->pilot_max_cost, "hard cap on what the pilot spends")
      ->type_name("USD")
      ->capture_default_str();
}

}  // namespace harvest::ctl

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"
#include "proto/text/time.h"

namespace harvest::ctl {
namespace {

void show_status(Session& session, const v1::ServiceStatus& status) {
  session.print_facts({
      {"version", status.version()},
      {"asking", status.halted() ? absl::StrCat("halted: ", status.halt_reason()) : "yes"},
      {"draining", status.draining() ? "yes" : ""},
      {"in flight", absl::StrCat(status.in_flight())},
      {"store", status.data_dir()},
      {"disk free", absl::StrCat(status.free_bytes() >> 20, " MiB", status.disk_low() ? ", too little to ask" : "")},
      {"http", status.http_address()},
      {"you are", status.principal()},
      {"crash intents",
       status.crash_intents_total() == 0 ? "" : absl::StrCat(status.crash_intents_total(), " over the store's life")},
  });
  if (!status.budgets().empty()) {
    Table table({"CAP OF", "PERIOD", "CAP", "SPENT", "AT RISK", "RESERVED"});
    for (const v1::BudgetStatus& budget : status.budgets()) {
      table.add({budget.owner(), budget.period(), absl::StrCat("$", budget.cap_usd()),
                 absl::StrCat("$", budget.spent_usd()), absl::StrCat("$", budget.at_risk_usd()),
                 absl::StrCat("$", budget.reserved_usd())});
    }
    session.print(table);
  }
  if (status.crash_intents().empty()) {
    return;
  }
  session.say(absl::StrCat("found open at this start, may have been billed without an answer, at most $",
                           status.crash_intents_max_usd(), ":"));
  Table table({"ATTEMPT", "JOB", "PROMPT", "SAMPLE", "TEACHER", "AT MOST", "STARTED"});
  for (const v1::OpenIntent& intent : status.crash_intents()) {
    std::string sample = absl::StrCat(intent.sample());
    if (intent.samples() > 1) absl::StrAppend(&sample, "-", intent.sample() + intent.samples() - 1);
    table.add({intent.attempt_id(), intent.job_id(), absl::StrCat(intent.prompt()), std::move(sample), intent.teacher(),
               absl::StrCat("$", intent.cost_max_usd()), text::format_utc(intent.started_at_us())});
  }
  session.print(table);
}

}  // namespace

void add_status(CLI::App& app, Session& session) {
  session.command(app, "status", "how the daemon stands, and what a crash left in doubt", "status --json", [&session] {
    return session.answer(session.client().status(),
                          [&](const v1::ServiceStatus& status) { show_status(session, status); });
  });
}

}  // namespace harvest::ctl

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cpp/progress.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"

namespace harvest::ctl {
namespace {

void show_explanation(Session& session, const v1::Explanation& explanation) {
  const v1::JobRecord& record = explanation.job().record();
  session.say(absl::StrCat(record.id(), ": ", client::state_name(record.state()), " after ",
                           client::short_duration(explanation.seconds())));
  Table table({"TEACHER", "CAUSE", "SECONDS", "SHARE", "WHAT STANDS BEHIND IT"});
  for (const v1::Explanation::Cause& cause : explanation.causes()) {
    // What held the job as a whole.
    const std::string teacher = cause.teacher().empty() ? "all" : cause.teacher();
    table.add({teacher, cause.cause(), absl::StrFormat("%.1f", cause.seconds()),
               absl::StrFormat("%.1f %%", 100 * cause.share()), cause.detail()});
  }
  session.print(table);
  for (const std::string& sentence : explanation.advice()) {
    session.say(sentence);
  }
}

}  // namespace

void add_why(CLI::App& app, Session& session) {
  auto id = std::make_shared<std::string>();
  CLI::App& command = session.command(app, "why", "what a job waited for, and what would make it faster",
                                      "why j_01JD2X5V8Q0000000000000000", [&session, id] {
                                        return session.answer(session.client().explain(*id), [&](const auto& reply) {
                                          show_explanation(session, reply);
                                        });
                                      });
  command.add_option("JOB", *id, "the job's id; also of one that has ended")->required();
}

}  // namespace harvest::ctl

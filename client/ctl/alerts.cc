#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cpp/progress.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"

namespace harvest::ctl {
namespace {

std::string word_of(const std::string& name) {
  return absl::AsciiStrToLower(name);
}

void show_alert(const Session& session, const v1::RightsAlert& alert) {
  session.print_facts({
      {"alert", absl::StrCat(alert.number())},
      {"state", word_of(v1::AlertDecision_Name(alert.decision()))},
      {"cause", word_of(v1::AlertCause_Name(alert.cause()))},
      {"stops training on", absl::StrCat(alert.model_owner(), " ", alert.model_family())},
      {"raised by teacher", absl::StrCat(alert.teacher(), " (", alert.vendor(), ", ", alert.model(), ")")},
      {"vendor's code", alert.vendor_code()},
      {"vendor's words", alert.message()},
      {"raised", client::short_time(alert.raised_at_us())},
      {"decided", alert.decided_at_us() == 0 ? ""
                                             : absl::StrCat(client::short_time(alert.decided_at_us()), " by ",
                                                            alert.decided_by(), ": ", alert.note())},
  });
}

}  // namespace

void add_alerts(CLI::App& teachers, Session& session) {
  session.command(
      teachers, "alerts", "what vendors said that stops training on a model's family", "teachers alerts", [&session] {
        return session.answer(session.client().alerts(), [&session](const v1::ListAlertsReply& reply) {
          Table table({"ALERT", "STATE", "CAUSE", "OWNER", "FAMILY", "TEACHER", "CODE", "RAISED"});
          for (const v1::RightsAlert& alert : reply.alerts()) {
            table.add({absl::StrCat(alert.number()), word_of(v1::AlertDecision_Name(alert.decision())),
                       word_of(v1::AlertCause_Name(alert.cause())), alert.model_owner(), alert.model_family(),
                       alert.teacher(), alert.vendor_code(), client::short_time(alert.raised_at_us())});
          }
          session.print(table);
        });
      });
  struct Flags {
    uint64_t number = 0;
    bool lift = false, uphold = false;
    std::string note;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App& decide = session.command(
      teachers, "decide", "lift or uphold a rights alert; jobs that it paused are resumed by hand",
      "teachers decide 1 --lift --note 'the vendor confirmed in writing, contract 4711'", [flags, &session] {
        v1::DecideAlertRequest request;
        request.set_number(flags->number);
        request.set_decision(flags->lift ? v1::LIFTED : v1::UPHELD);
        request.set_note(flags->note);
        return session.answer(session.client().decide_alert(request),
                              [&session](const v1::RightsAlert& alert) { show_alert(session, alert); });
      });
  decide.add_option("ALERT", flags->number, "its number, as `teachers alerts` lists it")->required();
  CLI::Option_group* which = decide.add_option_group("decision");
  which->add_flag("--lift", flags->lift, "training may go on");
  which->add_flag("--uphold", flags->uphold, "it may not");
  which->require_option(1);
  decide.add_option("--note", flags->note, "why, for those who ask later")->required();
}

}  // namespace harvest::ctl

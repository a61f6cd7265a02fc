#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>

#include "client/ctl/commands.h"
#include "client/ctl/session.h"

namespace harvest::ctl {

void add_halt(CLI::App& app, Session& session) {
  struct Flags {
    bool lift = false;
    std::string reason;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App& command = session.command(
      app, "halt", "stop all asking, until --lift, across restarts; attempts in flight are finished",
      "halt --reason 'unexpected bill'\n  harvestctl halt --lift", [&session, flags] {
        return session.answer(session.client().halt(flags->lift, flags->reason), [&](const v1::ServiceStatus& status) {
          session.say(status.halted() ? "halted: " + status.halt_reason() : "asking again");
        });
      });
  command.add_flag("--lift", flags->lift, "ask again");
  command.add_option("--reason", flags->reason, "why, for those who look later");
}

}  // namespace harvest::ctl

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>

#include "client/ctl/commands.h"
#include "client/ctl/session.h"

namespace harvest::ctl {

void add_pairs(CLI::App& app, Session& session) {
  struct Flags {
    std::string record_id;
    v1::TailPairsRequest tail;
    std::string dataset;
    uint64_t last = 10;
    bool follow = false;
    bool raw = false;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App& pairs = session.command(app, "pairs", "show single pairs, or a dataset's latest", "pairs tail maths");
  CLI::App& show =
      session.command(pairs, "show", "one pair: its record, and with --raw the teacher's response",
                      "pairs show r_01JD2X5V8Q0000000000000000", [&session, flags] {
                        return session.answer(session.client().pair(flags->record_id), [&](const v1::PairRecord& pair) {
                          session.say(flags->raw ? pair.raw() : pair.record_json());
                        });
                      });
  show.add_option("RECORD", flags->record_id, "the record's id")->required();
  show.add_flag("--raw", flags->raw,
                "the response body as it came, with all samples that it answers (escaped for terminals; --json has it "
                "in base64)");
  CLI::App& tail = session.command(pairs, "tail", "a dataset's latest pairs, one record a line",
                                   "pairs tail maths --last 3 --follow", [&session, flags] {
                                     catch_interrupts();
                                     flags->tail.set_dataset(flags->dataset);
                                     flags->tail.set_last(flags->last);
                                     flags->tail.set_follow(flags->follow);
                                     const absl::Status status =
                                         session.client().tail(flags->tail, [&session](const v1::PairRecord& pair) {
                                           session.json ? session.print_json(pair) : session.say(pair.record_json());
                                           return !interrupted();
                                         });
                                     return status.ok() ? client::kOk : session.fail(status);
                                   });
  tail.add_option("DATASET", flags->dataset, "the dataset's name")->required();
  tail.add_option("--last", flags->last, "how many")->capture_default_str();
  tail.add_flag("--follow", flags->follow, "go on as pairs arrive, until interrupted");
}

}  // namespace harvest::ctl

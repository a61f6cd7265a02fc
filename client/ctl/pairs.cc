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
    std::string dataset;
    std::string where;
    uint64_t last = 10;
    uint64_t limit = 0;
    bool follow = false;
    bool raw = false;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App& pairs = session.command(
      app, "pairs", "show single pairs, or a dataset's, chosen by their columns; bring in pairs from elsewhere",
      "pairs tail maths");
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
  const auto print = [&session](const v1::PairRecord& pair) {
    session.json ? session.print_json(pair) : session.say(pair.record_json());
    return !interrupted();
  };
  const auto ended = [&session](const absl::Status& status) {
    return status.ok() ? client::kOk : session.fail(status);
  };
  const auto of_dataset = [flags](CLI::App& command) {
    command.add_option("DATASET", flags->dataset, "the dataset's name")->required();
    command.add_option("--where", flags->where,
                       "which of them, by the record's columns: \"not refused and completion_tokens < 500\"");
  };
  CLI::App& list = session.command(pairs, "list", "a dataset's pairs from the first on, one record a line",
                                   "pairs list maths --where \"finish_reason = 'length'\" --limit 5",
                                   [&session, flags, print, ended] {
                                     v1::ListPairsRequest request;
                                     request.set_dataset(flags->dataset);
                                     request.set_where(flags->where);
                                     request.set_limit(flags->limit);
                                     return ended(session.client().list_pairs(request, print));
                                   });
  of_dataset(list);
  list.add_option("--limit", flags->limit, "so many at most (default: all)");
  CLI::App& tail = session.command(pairs, "tail", "a dataset's latest pairs, one record a line",
                                   "pairs tail maths --last 3 --follow", [&session, flags, print, ended] {
                                     catch_interrupts();
                                     v1::TailPairsRequest request;
                                     request.set_dataset(flags->dataset);
                                     request.set_where(flags->where);
                                     request.set_last(flags->last);
                                     request.set_follow(flags->follow);
                                     return ended(session.client().tail(request, print));
                                   });
  of_dataset(tail);
  tail.add_option("--last", flags->last, "how many")->capture_default_str();
  tail.add_flag("--follow", flags->follow, "go on as pairs arrive, until interrupted");
  add_pairs_import(pairs, session);
}

}  // namespace harvest::ctl

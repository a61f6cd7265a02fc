#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cpp/label_file.h"
#include "client/cpp/progress.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"
#include "storage/corpus/canonical_json.h"
#include "storage/corpus/label_rules.h"

namespace harvest::ctl {
namespace {

struct LabelsFlags {
  std::string file;
  std::string dataset;
};

int import_file(Session& session, const LabelsFlags& flags) {
  const auto requests = client::read_label_file(flags.file, flags.dataset);
  if (!requests.ok()) return session.fail(requests.status());
  const auto reply = session.client().import_labels(*requests);
  if (!reply.ok()) return session.fail(reply.status());
  session.json
      ? session.print_json(*reply)
      : session.say(absl::StrCat(flags.dataset, ": ", client::counted(reply->labels(), "label"), " brought in"));
  if (reply->unknown() == 0) return client::kOk;
  return session.fail(absl::NotFoundError(
      absl::StrCat(client::counted(reply->unknown(), "line"), " named no record of dataset ", flags.dataset, ": ",
                   absl::StrJoin(reply->unknown_ids(), ", "),
                   reply->unknown() > static_cast<uint64_t>(reply->unknown_ids_size()) ? ", ..." : "")));
}

int show_rules(Session& session) {
  Table table({"RULE", "VERSION", "HOLDS WHERE"});
  for (const corpus::LabelRule& rule : corpus::kLabelRules) {
    if (!session.json) {
      table.add({std::string(rule.id), absl::StrCat(rule.version), std::string(rule.meaning)});
      continue;
    }
    corpus::JsonObject json;
    json.text("rule", rule.id);
    json.number("version", rule.version);
    json.text("meaning", rule.meaning);
    std::printf("%s\n", json.text().c_str());
  }
  if (!session.json) session.print(table);
  return client::kOk;
}

}  // namespace

void add_labels(CLI::App& app, Session& session) {
  auto flags = std::make_shared<LabelsFlags>();
  CLI::App& labels = session.command(app, "labels", "what rules say of pairs; verdicts of your own", "labels rules");
  session.command(labels, "rules", "the rules of this version; needs no daemon", "labels rules",
                  [&session] { return show_rules(session); });
  CLI::App& command = session.command(
      labels, "import", "bring in verdicts of your own verifier, by record id",
      "labels import verdicts.jsonl --dataset maths\n"
      "A line: {\"record_id\": \"r_01JD2X5V8Q0000000000000000\", \"rule\": \"tests_pass\", \"value\": \"yes\"}\n"
      "Then: datasets publish maths --view good --where \"labels has 'tests_pass=yes'\"\n"
      "Exit code 5: some lines named no record of the dataset; the others are in.",
      [&session, flags] { return import_file(session, *flags); });
  command.add_option("FILE", flags->file, "JSON lines, .gz and .zst too, or - for standard input")->required();
  command.add_option("--dataset", flags->dataset, "the dataset that the records are of")->required();
}

}  // namespace harvest::ctl

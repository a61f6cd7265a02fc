#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client/cpp/dataset_puller.h"
#include "client/cpp/progress.h"
#include "client/cpp/terminal_text.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"
#include "storage/corpus/canonical_json.h"
#include "storage/corpus/manifest.h"
#include "storage/corpus/verify.h"

namespace harvest::ctl {
namespace {

/// The daemon is asked once for so long, and answers when there is a version.
constexpr std::chrono::seconds kFollowWait{30};
/// Where it is away, or the dataset is not there yet.
constexpr std::chrono::seconds kFollowPause{1};

struct DatasetsFlags {
  std::string name;
  std::string view = "default";
  std::string format;
  std::string profile;
  std::string where;
  std::string prefer;
  uint32_t shards = 0;
  bool complete_only = false;
  uint64_t version = 0;
  std::string directory;
  bool prune = false;
  bool follow = false;
  corpus::ShardShare share;
};

void show_datasets(Session& session, const v1::ListDatasetsReply& reply) {
  Table table({"DATASET", "PAIRS", "OPEN", "VIEW", "VERSION", "PUBLISHED", "SHARDS", "BYTES"});
  for (const v1::DatasetStatus& status : reply.datasets()) {
    const auto add = [&](const v1::ViewStatus& view) {
      table.add({status.record().name(), absl::StrCat(status.record().pairs()), absl::StrCat(status.open_pairs()),
                 view.record().view().name(), absl::StrCat(view.record().version()), absl::StrCat(view.rows()),
                 absl::StrCat(view.shards()), absl::StrCat(view.bytes())});
    };
    for (const v1::ViewStatus& view : status.views()) add(view);
    if (status.views().empty()) add({});
  }
  session.print(table);
}

/// How much of the jobs that feed it the latest version can hold; of one that cannot be had, nothing.
void show_coverage(Session& session, const std::string& dataset, const v1::ViewStatus& status) {
  const auto reply = session.client().manifest(dataset, status.record().view().name(), status.record().version());
  const auto manifest =
      reply.ok() ? corpus::parse_manifest(reply->manifest()) : absl::StatusOr<v1::Manifest>(reply.status());
  if (!manifest.ok()) {
    return;
  }
  for (const v1::Coverage& job : manifest->coverage()) {
    session.print_facts(
        {{"covers", absl::StrCat(job.answered(), " answered of ", job.asked(), " asked by ", job.job_id(), ", ",
                                 job.ended(), " ended otherwise, ", job.waiting(), " waiting",
                                 job.has_watermark() ? absl::StrCat("; prompts below ", job.watermark()) : "")}});
  }
}

void show_view(Session& session, const std::string& dataset, const v1::ViewStatus& status) {
  const v1::View& view = status.record().view();
  session.print_facts({
      {"view", view.name()},
      {"version", absl::StrCat(status.record().version())},
      {"replaced", status.record().major() > 0
                       ? absl::StrCat("shards of before, ", client::counted(status.record().major(), "time"))
                       : ""},
      {"format", view.format()},
      {"profile", view.profile().empty() ? "all columns" : view.profile()},
      {"where", view.where().empty() ? "all pairs" : view.where()},
      {"prefer", view.prefer()},
      {"order", view.complete_only() ? "of submission, up to the first prompt that has not ended" : ""},
      {"snapshot", view.shards() > 0 ? absl::StrCat("of all pairs, in ", client::counted(view.shards(), "shard")) : ""},
      {"published",
       absl::StrCat(client::counted(status.rows(), "pair"), " in ", client::counted(status.shards(), "shard"), ", ",
                    client::counted(status.bytes(), "byte"))},
      {"manifest", status.manifest_sha256()},
  });
  if (status.record().version() > 0) {
    show_coverage(session, dataset, status);
  }
}

void show_dataset(Session& session, const v1::DatasetStatus& status) {
  session.print_facts({
      {"dataset", status.record().name()},
      {"pairs", absl::StrCat(status.record().pairs())},
      {"open", absl::StrCat(client::counted(status.open_pairs(), "pair"), " in no segment yet")},
      {"directory", status.directory()},
  });
  for (const v1::ViewStatus& view : status.views()) {
    show_view(session, status.record().name(), view);
  }
}

int publish(Session& session, const DatasetsFlags& flags) {
  v1::View view;
  view.set_name(flags.view);
  view.set_format(flags.format);
  view.set_profile(flags.profile);
  view.set_where(flags.where);
  view.set_prefer(flags.prefer);
  view.set_shards(flags.shards);
  view.set_complete_only(flags.complete_only);
  return session.answer(session.client().publish(flags.name, view),
                        [&](const v1::DatasetStatus& status) { show_dataset(session, status); });
}

void show_pull(Session& session, const DatasetsFlags& flags, const client::PullReport& report) {
  if (session.json) {
    corpus::JsonObject json;
    json.text("dataset", flags.name);
    json.text("view", flags.view);
    json.number("version", report.version);
    json.text("directory", flags.directory);
    json.number("shards", report.shards);
    json.number("kept", report.kept);
    json.number("pruned", report.pruned);
    json.number("rows", report.rows);
    json.number("bytes", report.bytes);
    json.number("bytes_moved", report.bytes_moved);
    json.text("manifest_sha256", report.manifest_sha256);
    std::printf("%s\n", json.text().c_str());
    std::fflush(stdout);
    return;
  }
  session.say(absl::StrCat(flags.name, " version ", report.version, ": ", client::counted(report.rows, "pair"), " in ",
                           client::counted(report.shards, "shard"), " (", report.kept, " kept, ", report.bytes_moved,
                           " bytes pulled", flags.prune ? absl::StrCat(", ", report.pruned, " pruned") : "", ") in ",
                           flags.directory));
}

int pull(Session& session, const DatasetsFlags& flags) {
  client::PullPlan plan;
  plan.dataset = flags.name;
  plan.view = flags.view;
  plan.version = flags.version;
  plan.directory = flags.directory;
  plan.prune = flags.prune;
  plan.share = flags.share;
  session.client();  // reads what lets us in
  plan.access = session.access;
  const bool on_terminal = client::is_terminal(STDERR_FILENO);
  plan.on_shard = [on_terminal](uint64_t done, uint64_t all) {
    if (on_terminal) {
      std::fprintf(stderr, "\r\x1b[Kshard %llu of %llu%s", static_cast<unsigned long long>(done),
                   static_cast<unsigned long long>(all), done == all ? "\n" : "");
    }
  };
  if (!flags.follow) {
    const auto report = client::pull(session.client(), plan);
    if (!report.ok()) {
      return session.fail(report.status());
    }
    show_pull(session, flags, *report);
    return client::kOk;
  }
  if (flags.version > 0) {
    return session.fail(
        absl::InvalidArgumentError("--follow takes the latest version; it stands alone, without --version"));
  }
  catch_interrupts();
  for (uint64_t pulled = 0; !interrupted();) {
    const auto asked_at = std::chrono::steady_clock::now();
    const auto version =
        session.client().version_after(flags.name, flags.view, pulled, kFollowWait, [] { return !interrupted(); });
    if (absl::IsUnauthenticated(version.status()) || absl::IsPermissionDenied(version.status())) {
      return session.fail(version.status());
    }
    if (version.ok() && *version > pulled) {
      const auto report = client::pull(session.client(), plan);
      // A service that is away for a while is waited for; what it said wrong ends this.
      if (!report.ok() && !absl::IsUnavailable(report.status())) {
        return session.fail(report.status());
      }
      if (report.ok()) {
        show_pull(session, flags, *report);
        pulled = report->version;
      }
    }
    // One of before answers at once, whatever it is asked to wait for.
    if (!interrupted() && std::chrono::steady_clock::now() - asked_at < kFollowPause) {
      std::this_thread::sleep_for(kFollowPause);
    }
  }
  return client::kInterrupted;
}

int verify(Session& session, const DatasetsFlags& flags) {
  if (const absl::Status status = flags.share.check(); !status.ok()) {
    return session.fail(status);
  }
  const corpus::VerifyReport report = corpus::verify_directory(flags.directory, "manifest.json", flags.share);
  for (const corpus::Problem& problem : report.problems) {
    std::fprintf(stderr, "%s\n", client::safe_text(problem.text()).c_str());
  }
  if (session.json) {
    corpus::JsonObject json;
    json.boolean("ok", report.ok());
    json.text("dataset", report.manifest.dataset());
    json.number("version", report.manifest.version());
    json.number("shards", report.shards);
    json.number("rows", report.rows);
    json.number("bytes", report.bytes);
    json.number("problems_total", report.problems_total);
    json.text("manifest_sha256", report.manifest_sha256);
    std::vector<std::string> problems;
    for (const corpus::Problem& problem : report.problems) {
      problems.push_back(problem.text());
    }
    json.texts("problems", problems);
    std::printf("%s\n", client::safe_text(json.text()).c_str());
  } else {
    session.say(absl::StrCat(flags.directory, ": ", report.ok() ? "verified" : "NOT verified", ", ",
                             client::counted(report.rows, "pair"), " in ", client::counted(report.shards, "shard"),
                             report.ok() ? "" : ", " + client::counted(report.problems_total, "problem")));
  }
  return report.ok() ? client::kOk : client::kStore;
}

}  // namespace

void add_datasets(CLI::App& app, Session& session) {
  auto flags = std::make_shared<DatasetsFlags>();
  CLI::App& datasets = session.command(
      app, "datasets", "list, show, publish, compact, pull, push, verify and describe datasets", "datasets list");
  session.command(datasets, "list", "all datasets", "datasets list", [&session] {
    return session.answer(session.client().datasets(), [&](const auto& reply) { show_datasets(session, reply); });
  });
  const auto named = [&](const std::string& name, const std::string& what, const std::string& more,
                         std::function<int()> run) -> CLI::App& {
    CLI::App& command =
        session.command(datasets, name, what, absl::StrCat("datasets ", name, " maths", more), std::move(run));
    command.add_option("DATASET", flags->name, "the dataset's name")->required();
    return command;
  };
  named("show", "one dataset in full", "", [=, &session] {
    return session.answer(session.client().dataset(flags->name),
                          [&](const v1::DatasetStatus& status) { show_dataset(session, status); });
  });
  CLI::App& publish_command = named("publish", "close what has gathered and publish a version of a view", "",
                                    [=, &session] { return publish(session, *flags); });
  publish_command.add_option("--view", flags->view, "the view; its format and filter are fixed at first")
      ->capture_default_str();
  publish_command.add_option(
      "--format", flags->format,
      "format of the shards: jsonl.gz, jsonl.zst, jsonl, parquet or webdataset (default: the view's; at first "
      "jsonl.gz, or what the profile's trainer opens)");
  publish_command.add_option("--profile", flags->profile,
                             "the rows as a trainer wants them: trl, axolotl, llama-factory, nemo, openai, "
                             "prompt-completion, preference or soft-labels (default: all columns)");
  publish_command.add_option(
      "--where", flags->where,
      "which pairs, by the record's columns: \"not refused and finish_reason = 'stop'\" (default: all)");
  publish_command.add_option("--prefer", flags->prefer,
                             "with --profile preference and --shards: which of a prompt's samples is chosen: "
                             "\"completion_tokens asc\", or a filter that it passes and the rejected one does not");
  publish_command.add_option(
      "--shards", flags->shards,
      "a snapshot of all pairs in so many shards, equal to a row, for trainers that split by whole "
      "shards; made anew each time it is published (default: shards as pairs arrive)");
  publish_command.add_flag("--complete-only", flags->complete_only,
                           "in the order of submission, and only up to the first prompt that has not ended: no bias "
                           "towards what is answered fast");
  CLI::App& compact_command =
      named("compact", "merge a view's small segments: a version that replaces their shards", "", [=, &session] {
        return session.answer(session.client().compact(flags->name, flags->view),
                              [&](const v1::DatasetStatus& status) { show_dataset(session, status); });
      });
  compact_command.add_option("--view", flags->view, "the view")->capture_default_str();
  CLI::App& pull_command = named("pull", "bring a published version into a directory, verified", " --out ./maths",
                                 [=, &session] { return pull(session, *flags); });
  pull_command.add_option("--view", flags->view, "the view")->capture_default_str();
  pull_command.add_option("--version", flags->version, "the version (default: the latest)");
  pull_command.add_option("--out", flags->directory, "directory; made if need be, added to if pulled into before")
      ->required();
  pull_command.add_flag("--prune", flags->prune, "take away shards that the version no longer lists");
  pull_command.add_flag("--follow", flags->follow, "go on with every new version until interrupted");
  const auto shared = [=](CLI::App& command) {
    CLI::Option* rank = command.add_option("--rank", flags->share.rank, "this machine's place among several, from 0");
    rank->needs(command.add_option("--world-size", flags->share.world_size,
                                   "how many machines there are: each has every so many shards"));
  };
  shared(pull_command);
  add_receipts(datasets, session);
  add_card(datasets, session);
  add_push(datasets, session);
  CLI::App& verify_command =
      session.command(datasets, "verify", "check a pulled directory against its manifest; needs no daemon",
                      "datasets verify ./maths", [=, &session] { return verify(session, *flags); });
  verify_command.add_option("DIR", flags->directory, "directory with manifest.json")->required();
  shared(verify_command);
}

}  // namespace harvest::ctl

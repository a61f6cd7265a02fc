#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cpp/pair_import.h"
#include "client/cpp/terminal_text.h"
#include "client/ctl/commands.h"
#include "client/ctl/session.h"
#include "proto/text/yaml_reader.h"
#include "storage/corpus/atomic_file.h"
#include "storage/corpus/canonical_json.h"

namespace harvest::ctl {
namespace {

constexpr size_t kRightsBytesMax = 1 << 20;

struct ImportFlags {
  client::PairFiles files;
  std::string dataset;
  std::string teacher;
  std::string vendor;
  std::string purpose;
  std::string student;
  bool distributed = false;
  bool competes = false;
  std::string rights;
};

/// What a teacher's `rights` are in the configuration, here or in a file.
absl::Status read_rights(const std::string& text, v1::Rights* rights) {
  const bool inline_text = text.starts_with("{");
  std::string yaml = text;
  if (!inline_text) {
    auto file = corpus::read_file(text, kRightsBytesMax);
    if (!file.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("--rights: ", file.status().message(),
                                                     "; expected a YAML file or '{licence: …, permits: […]}'"));
    }
    yaml = *std::move(file);
  }
  const text::YamlReading reading = text::read_yaml(yaml, rights);
  return reading.mistakes.empty() ? absl::OkStatus()
                                  : text::to_status(reading.mistakes, inline_text ? "--rights" : text);
}

void show_import(Session& session, const ImportFlags& flags, const client::ImportReport& report) {
  for (const std::string& failed : report.read.told) {
    std::fprintf(stderr, "%s\n", client::safe_text(failed).c_str());
  }
  if (report.read.failed > report.read.told.size()) {
    std::fprintf(stderr, "… and %llu more without an answer\n",
                 static_cast<unsigned long long>(report.read.failed - report.read.told.size()));
  }
  if (session.json) {
    corpus::JsonObject json;
    json.text("dataset", flags.dataset);
    json.text("teacher", flags.teacher);
    json.text("file", report.digest);
    json.number("pairs", report.pairs);
    json.number("held_before", report.held_before);
    json.number("failed", report.read.failed);
    json.number("unanswered", report.read.unanswered);
    json.boolean("rights_stated", !flags.rights.empty());
    std::printf("%s\n", json.text().c_str());
    return;
  }
  session.say(absl::StrCat(flags.dataset, ": ", client::counted(report.pairs, "pair"), " of ", flags.teacher,
                           " imported, ", report.held_before, " held before, ", report.read.failed, " failed there, ",
                           report.read.unanswered, " without a line",
                           flags.rights.empty() ? "; their rights are unknown, and no export lets them through" : ""));
}

int import_them(Session& session, const ImportFlags& flags) {
  client::ImportPlan plan;
  plan.files = flags.files;
  plan.stated.set_dataset(flags.dataset);
  plan.stated.set_teacher(flags.teacher);
  plan.stated.set_vendor(flags.vendor);
  v1::Use& use = *plan.stated.mutable_use();
  use.set_purpose(flags.purpose == "training" ? v1::TRAINING : v1::EVALUATION);
  use.set_student(flags.student);
  use.set_distributed(flags.distributed);
  use.set_competes(flags.competes);
  if (!flags.rights.empty()) {
    if (const absl::Status status = read_rights(flags.rights, plan.stated.mutable_rights()); !status.ok()) {
      return session.fail(status);
    }
  }
  const auto report = client::import_pairs(session.client(), plan);
  if (!report.ok()) {
    return session.fail(report.status());
  }
  show_import(session, flags, *report);
  return report->read.failed + report->read.unanswered > 0 ? client::kOtherEndings : client::kOk;
}

}  // namespace

void add_pairs_import(CLI::App& pairs, Session& session) {
  auto flags = std::make_shared<ImportFlags>();
  CLI::App& command = session.command(
      pairs, "import",
      "bring in pairs that were made elsewhere: lines with messages that end in the answer, or prompt and completion; "
      "or an OpenAI Batch output file with its --requests. The same command again changes nothing",
      "pairs import output.jsonl --requests input.jsonl --dataset maths --teacher-model gpt-x --purpose training "
      "--rights rights.yaml",
      [=, &session] { return import_them(session, *flags); });
  command.add_option("FILE", flags->files.answers, "the answers; .gz and .zst as they are")->required();
  command.add_option("--requests", flags->files.requests,
                     "the OpenAI Batch input file that FILE is the output of; they are joined by custom_id");
  command.add_option("--dataset", flags->dataset, "the dataset that they go into")->required();
  command.add_option("--teacher-model", flags->teacher, "the model that answered; records call it import:MODEL")
      ->required();
  command.add_option("--vendor", flags->vendor, "whose model it is");
  command.add_option("--purpose", flags->purpose, "what the pairs are for; never defaulted")
      ->required()
      ->check(CLI::IsMember({"training", "evaluation"}));
  command.add_option("--student", flags->student, "model that is trained with the answers");
  command.add_flag("--distributed", flags->distributed, "the student will be distributed");
  command.add_flag("--competes", flags->competes, "the student competes with the teacher's vendor");
  command.add_option("--rights", flags->rights,
                     "what the teacher's terms permit, as under `rights` of a configured teacher: a YAML file, or "
                     "'{licence: …, permits: [training], evidence: …}' (default: unknown; then nothing is exported)");
}

}  // namespace harvest::ctl

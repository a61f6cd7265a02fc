#include "storage/card/hugging_face.h"

#include <array>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "storage/card/card_facts.h"
#include "storage/corpus/canonical_json.h"

namespace harvest::card {
namespace {

/// Those of the hub's own names for licences that are SPDX's in small letters. Others are "other", with their name.
constexpr std::array<std::string_view, 9> kKnownLicences{
    "apache-2.0", "mit", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "bsd-3-clause", "gpl-3.0", "openrail"};

/// A JSON string is one of YAML's.
std::string quoted(std::string_view text) {
  std::string out;
  corpus::append_json_string(out, text);
  return out;
}

std::string sizes(uint64_t rows) {
  uint64_t step = 1000;
  std::string below = "n<1K";
  for (const auto& [low, high] :
       {std::pair("1K", "10K"), {"10K", "100K"}, {"100K", "1M"}, {"1M", "10M"}, {"10M", "100M"}}) {
    if (rows < step) return below;
    below = absl::StrCat(low, "<n<", high);
    step *= 10;
  }
  return rows < step ? below : "n>100M";
}

std::string head(const CardFacts& facts) {
  std::string out = "---\n";
  std::string known;
  if (facts.licences.size() == 1)
    for (const std::string_view licence : kKnownLicences)
      if (absl::AsciiStrToLower(facts.licences.front()) == std::string(licence)) known = licence;
  if (!known.empty())
    absl::StrAppend(&out, "license: ", known, "\n");
  else
    absl::StrAppend(&out, "license: other\nlicense_name: ",
                    quoted(facts.licences.empty() ? "not stated" : absl::StrJoin(facts.licences, " and ")), "\n");
  absl::StrAppend(&out, "pretty_name: ", quoted(facts.name), "\n");
  absl::StrAppend(&out, "annotations_creators:\n- machine-generated\n");
  absl::StrAppend(&out, "tags:\n- synthetic\n- distillation\n");
  absl::StrAppend(&out, "size_categories:\n- ", sizes(facts.rows), "\n");
  absl::StrAppend(&out,
                  "configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: ", quoted(facts.files),
                  "\n---\n");
  return out;
}

std::string or_none(const std::vector<std::string>& names, const char* none) {
  return names.empty() ? none : absl::StrJoin(names, ", ");
}

}  // namespace

std::string hugging_face_card(const v1::Manifest& manifest) {
  const CardFacts facts = facts_of(manifest);
  std::string out = head(facts);
  absl::StrAppend(&out, "\n# ", facts.name, "\n\n", facts.summary, ". Version ", facts.version, " of ", facts.day,
                  ".\n\n");
  absl::StrAppend(&out, "| | |\n|---|---|\n");
  const auto row = [&out](const char* what, const std::string& value) {
    absl::StrAppend(&out, "| ", what, " | ", absl::StrJoin(absl::StrSplit(value, '|'), "\\|"), " |\n");
  };
  row("teachers", or_none(facts.teachers, "none"));
  row("licences of the answers", or_none(facts.licences, "not stated"));
  row("sources of the prompts", or_none(facts.prompt_sources, "not stated"));
  row("all rows may be used for", or_none(facts.purposes, "no purpose that all of them permit"));
  row("which obliges to", or_none(facts.obligations, "nothing stated"));
  row("rights",
      facts.self_attested ? "self-attested: of some rows nobody but the operator attested to them" : "reviewed");
  row("rows", manifest.where().empty() ? absl::StrCat(facts.rows)
                                       : absl::StrCat(facts.rows, ", where `", manifest.where(), "`"));
  for (const auto& [rule, dropped] : manifest.dropped())
    row("left out", absl::StrCat(dropped, " rows by the rule `", rule, "`"));
  for (const v1::Coverage& job : manifest.coverage())
    row("covers", absl::StrCat(job.answered(), " answered of ", job.asked(), " asked by ", job.job_id(), ", ",
                               job.waiting(), " waiting"));
  absl::StrAppend(&out, "\nThe rows are in ", facts.files,
                  ", listed with their SHA-256 in `manifest.json`: `harvestctl "
                  "datasets verify DIR` holds them to it.\n");
  return out;
}

}  // namespace harvest::card

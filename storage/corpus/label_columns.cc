#include "storage/corpus/label_columns.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "storage/corpus/label_rules.h"

namespace harvest::corpus {

LabelColumns label_columns(const v1::PairLabels& labels) {
  LabelColumns columns;
  std::set<std::string> held, personal;
  for (const v1::Label& label : labels.labels()) {
    if (!label.by().empty()) {
      held.insert(label.value().empty() ? label.rule() : absl::StrCat(label.rule(), "=", label.value()));
      continue;
    }
    if (label.rule() == kLanguage) {
      columns.lang = label.value();
      continue;
    }
    held.insert(label.rule());
    if (label.rule() == kContaminated) columns.decontam_flags = label.value();
    if (label.rule() == kNearDuplicate) columns.near_dup_cluster = label.value();
    if (label.rule() == kSchemaValid) columns.schema_valid = 1;
    if (label.rule() == kSchemaInvalid) columns.schema_valid = 0;
    const bool in_prompt = label.rule() == kPersonalDataInPrompt;
    if (!in_prompt && label.rule() != kPersonalData) continue;
    for (const absl::string_view kind : absl::StrSplit(label.value(), '|', absl::SkipEmpty()))
      personal.insert(absl::StrCat(in_prompt ? "prompt:" : "", kind));
  }
  columns.pii_flags = absl::StrJoin(personal, "|");
  columns.labels = absl::StrJoin(held, "|");
  return columns;
}

}  // namespace harvest::corpus

#include "service/quality/labels/labeller.h"

#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/quality/answer_traits.h"
#include "service/quality/labels/language.h"
#include "service/quality/labels/personal_data.h"
#include "service/quality/labels/refusal.h"
#include "service/quality/labels/repetition.h"
#include "service/quality/labels/unclosed.h"
#include "storage/corpus/label_rules.h"

namespace harvest::quality {
namespace {

void put(v1::PairLabels& labels, std::string_view rule, std::optional<std::string> value) {
  if (!value) return;
  v1::Label& label = *labels.add_labels();
  label.set_rule(std::string(rule));
  label.set_version(corpus::version_of_rule(rule));
  label.set_value(*std::move(value));
}

std::optional<std::string> holds(bool fact) {
  return fact ? std::make_optional<std::string>() : std::nullopt;
}

}  // namespace

Labeller::Labeller(BenchmarkList benchmarks, bool near_duplicates)
    : benchmarks_(std::move(benchmarks)), near_duplicates_(near_duplicates) {
  for (const corpus::LabelRule& rule : corpus::kLabelRules) {
    if (rule.id == corpus::kNearDuplicate && !near_duplicates_) continue;
    absl::StrAppend(&rules_, rules_.empty() ? "" : ",", std::string(rule.id), "/", rule.version);
    if (rule.id == corpus::kContaminated && !benchmarks_.version().empty())
      absl::StrAppend(&rules_, "(", benchmarks_.version(), ")");
  }
}

v1::PairLabels Labeller::label(const Judged& judged) const {
  v1::PairLabels labels;
  const AnswerTraits traits = traits_of(judged.message, judged.refused, judged.truncated);
  const SchemaCheck::Verdict schema = schemas_.check(judged);
  // Sorted by rule, as PairLabels are.
  put(labels, corpus::kContaminated, benchmarks_.find(judged));
  put(labels, corpus::kEmpty, holds(traits.empty));
  put(labels, corpus::kLanguage, find_language(judged));
  put(labels, corpus::kPersonalData, personal_data_in_answer(judged));
  put(labels, corpus::kPersonalDataInPrompt, personal_data_in_prompt(judged));
  put(labels, corpus::kRefused, find_refusal(judged));
  put(labels, corpus::kRepetition, find_repetition(judged));
  put(labels, corpus::kSchemaInvalid, holds(schema == SchemaCheck::Verdict::kInvalid));
  put(labels, corpus::kSchemaValid, holds(schema == SchemaCheck::Verdict::kValid));
  put(labels, corpus::kTruncated, holds(judged.truncated));
  put(labels, corpus::kUnclosed, find_unclosed(judged));
  return labels;
}

}  // namespace harvest::quality

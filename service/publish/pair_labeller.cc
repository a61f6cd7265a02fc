#include "service/publish/pair_labeller.h"

#include <algorithm>

#include "service/publish/near_duplicates.h"
#include "service/publish/record_renderer.h"

namespace harvest::publish {
namespace {

constexpr uint64_t kPairsPerStep = 256;

v1::PairLabels labels_of(const quality::Labeller& labeller, const corpus::RecordFacts& facts, bool prompt_ignored) {
  return labeller.label({.prompt = facts.prompt,
                         .response_format_json = facts.sampling.response_format_json(),
                         .message = facts.message,
                         .refused = facts.pair.refused(),
                         .truncated = facts.truncated,
                         .prompt_ignored = prompt_ignored});
}

}  // namespace

absl::StatusOr<uint64_t> PairLabeller::step(const std::string& name, uint64_t end) {
  std::lock_guard running(running_);
  const auto dataset = store_.dataset(name);
  if (!dataset.ok()) return dataset.status();
  const uint64_t first = dataset->label_rules() == labeller_->rules() ? dataset->labelled() : 0;
  end = std::min(end, dataset->pairs());
  if (first >= end) return 0;
  RecordRenderer renderer(store_);
  store::PutLabels change{.dataset = name, .rules = labeller_->rules(), .first = first};
  NearDuplicates near(store_, *dataset, labeller_->near_duplicates());
  const auto pairs = store_.pairs(name, first, std::min(kPairsPerStep, end - first));
  for (const auto& pair : pairs) {
    const auto facts = renderer.facts(pair);
    // What it was made from is gone: publishing says so, and nothing is known of it here.
    if (!facts.ok() && !absl::IsNotFound(facts.status())) return facts.status();
    v1::PairLabels& labels = change.labels.emplace_back();
    if (!facts.ok() || !facts->has_value()) continue;  // of an answer that cannot be read nothing is known
    const auto ignored = renderer.ignores_personal_data(pair.pair);
    if (!ignored.ok()) return ignored.status();
    labels = labels_of(*labeller_, **facts, *ignored);
    near.add(**facts, change.labels.size() - 1);
  }
  near.label(change);
  const uint64_t labelled = change.labels.size();
  const absl::Status applied = store_.apply_and_wait(std::move(change)).status();
  if (!applied.ok()) return applied;
  if (decider_ != nullptr)
    if (absl::Status decided = decider_->look_at(pairs); !decided.ok()) return decided;
  return labelled;
}

absl::Status PairLabeller::label_below(const std::string& dataset, uint64_t end) {
  if (labeller_ == nullptr) return absl::OkStatus();
  while (true) {
    const auto labelled = step(dataset, end);
    if (!labelled.ok()) return labelled.status();
    if (*labelled == 0) return absl::OkStatus();
  }
}

absl::StatusOr<bool> PairLabeller::label_some() {
  bool more = false;
  if (labeller_ == nullptr) return more;
  absl::Status failed;  // one dataset's failure does not keep the others
  for (const v1::DatasetRecord& dataset : store_.datasets()) {
    const auto labelled = step(dataset.name(), dataset.pairs());
    if (labelled.ok())
      more = more || *labelled == kPairsPerStep;
    else
      failed = labelled.status();
  }
  if (!failed.ok()) return failed;
  if (decider_ == nullptr) return more;
  const auto left = decider_->catch_up();
  if (!left.ok()) return left.status();
  return more || *left;
}

}  // namespace harvest::publish

#include "absl/strings/str_cat.h"
#include "storage/store/changes.h"

namespace harvest::store {

absl::Status apply(Group& group, const PutLabels& change, Applied& applied) {
  State& state = group.state();
  const v1::DatasetRecord* stored = state.datasets.find(change.dataset);
  if (stored == nullptr) return absl::NotFoundError(absl::StrCat("there is no dataset ", change.dataset));
  const uint64_t next = stored->label_rules() == change.rules ? stored->labelled() : 0;
  const uint64_t end = change.first + change.labels.size();
  if (change.first != next || end > stored->pairs())
    return absl::FailedPreconditionError(absl::StrCat("labels of pairs ", change.first, " to ", end, " of dataset ",
                                                      change.dataset, ", which has ", stored->pairs(), ": expected ",
                                                      next, " as the next one"));
  v1::DatasetRecord& dataset = *state.datasets.edit(change.dataset);
  uint64_t sequence = change.first;
  for (const v1::PairLabels& labels : change.labels)
    group.put(Family::kDefault, keys::labels(dataset.number(), sequence++), labels);
  dataset.set_label_rules(change.rules);
  dataset.set_labelled(end);
  applied.count = change.labels.size();
  return absl::OkStatus();
}

absl::Status apply(Group& group, const PutImportedLabels& change, Applied& applied) {
  const v1::DatasetRecord* dataset = group.state().datasets.find(change.dataset);
  if (dataset == nullptr) return absl::NotFoundError(absl::StrCat("there is no dataset ", change.dataset));
  if (!change.labels.empty() && change.labels.rbegin()->first >= dataset->pairs())
    return absl::FailedPreconditionError(absl::StrCat("a label of pair ", change.labels.rbegin()->first, " of dataset ",
                                                      change.dataset, ", which has ", dataset->pairs()));
  for (const auto& [sequence, labels] : change.labels)
    group.put(Family::kDefault, keys::imported_labels(dataset->number(), sequence), labels);
  applied.count = change.labels.size();
  group.must_sync();
  return absl::OkStatus();
}

}  // namespace harvest::store

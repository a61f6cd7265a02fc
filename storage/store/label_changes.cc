#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/store/changes.h"

namespace harvest::store {
namespace {

/// The record, and what is said of its first `end` pairs.
void put_near(Group& group, const NearRows& near, uint64_t end, v1::DatasetRecord& dataset) {
  const uint64_t number = dataset.number();
  if (dataset.cluster_rule() != near.rule) {
    group.remove_range(Family::kNear, keys::near_rows(number), keys::near_rows(number + 1));
    dataset.set_cluster_rule(near.rule);
    dataset.set_clustered(0);
  }
  if (near.rule.empty()) return;
  // A head's row: the record id, its length before it, and the signature.
  for (const NearHead& head : near.heads) {
    Key row;
    row.u16(static_cast<uint16_t>(head.record_id.size())).bytes(head.record_id).bytes(head.signature);
    group.put(Family::kNear, keys::near_head(number, head.sequence), rocksdb::Slice(row));
  }
  for (const auto& [band, heads] : near.bands) {
    Key row;
    for (const uint64_t sequence : heads) row.u64(sequence);
    group.put(Family::kNear, keys::near_band(number, band), rocksdb::Slice(row));
  }
  dataset.set_clustered(std::max(dataset.clustered(), end));
}

}  // namespace

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
  if (change.first != 0 && change.near.rule != stored->cluster_rule())
    return absl::FailedPreconditionError(
        absl::StrCat("near-duplicates of dataset ", change.dataset, " by \"", change.near.rule, "\" from pair ",
                     change.first, " on: expected \"", stored->cluster_rule(), "\", or the first pair"));
  v1::DatasetRecord& dataset = *state.datasets.edit(change.dataset);
  uint64_t sequence = change.first;
  for (const v1::PairLabels& labels : change.labels)
    group.put(Family::kDefault, keys::labels(dataset.number(), sequence++), labels);
  dataset.set_label_rules(change.rules);
  dataset.set_labelled(end);
  put_near(group, change.near, end, dataset);
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

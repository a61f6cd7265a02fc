#include "service/publish/near_duplicates.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "service/publish/label_list.h"
#include "service/quality/near_duplicates/shingles.h"
#include "storage/corpus/label_rules.h"

namespace harvest::publish {
namespace {

v1::Label near_label(const std::string& head) {
  v1::Label label;
  label.set_rule(std::string(corpus::kNearDuplicate));
  label.set_version(corpus::version_of_rule(corpus::kNearDuplicate));
  label.set_value(head);
  return label;
}

std::string bytes_of(const quality::Mins& mins) {
  return {reinterpret_cast<const char*>(mins.data()), mins.size()};
}

quality::Mins mins_of(const std::string& bytes) {
  quality::Mins mins;
  assert(bytes.size() == mins.size());  // Invariant: the index is of this rule
  std::copy(bytes.begin(), bytes.end(), mins.begin());
  return mins;
}

}  // namespace

NearDuplicates::NearDuplicates(const store::Store& store, const v1::DatasetRecord& dataset, bool wanted)
    : store_(store), dataset_(dataset.number()), rule_(wanted ? quality::Clusters::rule() : std::string()) {
  if (dataset.cluster_rule() == rule_) compared_ = dataset.clustered();
}

void NearDuplicates::add(const corpus::RecordFacts& facts, size_t index) {
  if (rule_.empty()) return;
  if (facts.sequence < compared_) {
    if (facts.labels == nullptr) return;
    for (const v1::Label& label : facts.labels->labels())
      if (label.by().empty() && label.rule() == corpus::kNearDuplicate) kept_.push_back({index, label});
    return;
  }
  const std::vector<uint64_t> shingles = quality::shingles_of(facts.message);
  if (shingles.empty()) return;
  looked_.push_back({index, facts.sequence, facts.pair.record_id(), quality::signature_of(shingles)});
}

/// All of the index that these pairs may be near to.
quality::Clusters NearDuplicates::known() const {
  std::vector<uint64_t> bands;
  bands.reserve(looked_.size() * quality::kBands);
  for (const Looked& pair : looked_)
    bands.insert(bands.end(), pair.signature.bands.begin(), pair.signature.bands.end());
  std::vector<std::vector<uint64_t>> named = store_.near_bands(dataset_, bands);
  std::vector<uint64_t> sequences;
  for (const std::vector<uint64_t>& heads : named) sequences.insert(sequences.end(), heads.begin(), heads.end());
  std::sort(sequences.begin(), sequences.end());
  sequences.erase(std::unique(sequences.begin(), sequences.end()), sequences.end());
  quality::Clusters::Heads heads;
  for (store::NearHead& head : store_.near_heads(dataset_, sequences))
    heads[head.sequence] = {std::move(head.record_id), mins_of(head.signature)};
  quality::Clusters::Bands rows;
  for (size_t i = 0; i < bands.size(); ++i)
    if (!named[i].empty()) rows[bands[i]] = std::move(named[i]);
  return {std::move(rows), std::move(heads)};
}

void NearDuplicates::label(store::PutLabels& change) const {
  change.near.rule = rule_;
  for (const Kept& kept : kept_) put_label(change.labels[kept.index], kept.label);
  if (looked_.empty()) return;
  quality::Clusters clusters = known();
  for (const Looked& pair : looked_)
    if (const auto head = clusters.add(pair.sequence, pair.record_id, pair.signature))
      put_label(change.labels[pair.index], near_label(*head));
  for (const auto& [sequence, head] : clusters.new_heads())
    change.near.heads.push_back({sequence, head.record_id, bytes_of(head.mins)});
  change.near.bands = clusters.changed_bands();
}

}  // namespace harvest::publish

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "service/quality/near_duplicates/clusters.h"
#include "storage/corpus/record.h"
#include "storage/store/store.h"

namespace harvest::publish {

/// Label near_duplicate for some pairs that follow on each other, by the dataset's index of those before
/// (service/quality/near_duplicates). Pairs that were compared already, by the rule of now, keep what was said of them:
/// whatever else is labelled anew, clusters stay.
///
///   add() each pair, then label(): all reads at once, a fixed number of rows for each pair however many there are
///
/// Owned by one thread, for one change. Nobody else may change the index in between.
class NearDuplicates {
 public:
  /// `wanted` false: nothing is labelled, and the change empties the index.
  NearDuplicates(const store::Store& store, const v1::DatasetRecord& dataset, bool wanted);

  /// The pair whose labels will be `labels[index]` of the change. Reads what is needed of the facts at once.
  void add(const corpus::RecordFacts& facts, size_t index);
  /// Completes the change: labels, and what the index gains.
  void label(store::PutLabels& change) const;

 private:
  struct Looked {
    size_t index = 0;
    uint64_t sequence = 0;
    std::string record_id;
    quality::Signature signature;
  };
  struct Kept {
    size_t index = 0;
    v1::Label label;
  };
  quality::Clusters known() const;

  const store::Store& store_;
  const uint64_t dataset_;
  const std::string rule_;  ///< empty: not wanted
  uint64_t compared_ = 0;   ///< pairs below this were, by that rule
  std::vector<Kept> kept_;
  std::vector<Looked> looked_;
};

}  // namespace harvest::publish

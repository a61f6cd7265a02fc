#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/publish/until_decider.h"
#include "service/quality/labels/labeller.h"
#include "storage/store/store.h"

namespace harvest::publish {

/// Labels the pairs of datasets behind their arrival, each dataset by its cursor (DatasetRecord.labelled). Where the
/// rules are others than those the dataset was labelled by, all its pairs are labelled anew; near-duplicates are looked
/// for anew only where their own rule is another. Asks no teacher.
///
/// Blocking: from worker threads, never from a lane of the harvest. Any thread; one runs at a time, for some hundredths
/// of a second. A crash between two steps costs nothing: the cursor moves with the labels.
class PairLabeller {
 public:
  /// `labeller` null: nothing is labelled, and nobody waits for labels.
  /// `decider`: told of pairs that bear labels now; null: no job waits for any.
  PairLabeller(store::Store& store, std::shared_ptr<const quality::Labeller> labeller,
               std::shared_ptr<UntilDecider> decider = nullptr)
      : store_(store), labeller_(std::move(labeller)), decider_(std::move(decider)) {}

  /// Every pair below `end` bears labels when this returns. Errors are the store's.
  absl::Status label_below(const std::string& dataset, uint64_t end);
  /// Some hundred pairs of each dataset that has any to label, and some of what was not decided by them; true where
  /// more are left.
  absl::StatusOr<bool> label_some();

 private:
  /// The next pairs below `end`, at most one read's worth: how many; 0: there are none.
  absl::StatusOr<uint64_t> step(const std::string& dataset, uint64_t end);

  store::Store& store_;
  std::shared_ptr<const quality::Labeller> labeller_;
  std::shared_ptr<UntilDecider> decider_;
  std::mutex running_;  ///< held for a step
};

}  // namespace harvest::publish

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/dataset.pb.h"
#include "storage/store/store.h"

namespace harvest::publish {

/// What the next version of a view that publishes in the order of submission adds (View.complete_only): answers that
/// come early are short ones from fast teachers, and a version of them alone would be a skewed sample.
struct SubmissionOrder {
  /// The pairs, by sequence, in the order of job, prompt, sample. What arrives later for a prompt that is behind the
  /// watermark already (a query that was asked again by command) comes in the version after.
  std::vector<uint64_t> sequences;
  v1::Watermarks watermarks;  ///< as they stand with these
};

/// Of the pairs in closed segments, those of prompts below which every query has ended. Some 40 bytes for each pair
/// that is taken. Blocking; any thread. Errors are those of the store.
absl::StatusOr<SubmissionOrder> next_in_order(const store::Store& store, const std::string& dataset,
                                              const v1::Watermarks& before);

/// Something closed was left for later, and no job of the dataset asks any more: nothing new would bring it out.
bool waits_in_vain(const store::Store& store, const v1::DatasetRecord& dataset, const v1::ViewRecord& view);

}  // namespace harvest::publish

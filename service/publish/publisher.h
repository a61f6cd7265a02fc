#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harvest/v1/dataset.pb.h"
#include "service/publish/pair_labeller.h"
#include "service/publish/publisher_options.h"
#include "service/publish/view_files.h"
#include "service/publish/view_writer.h"
#include "storage/store/store.h"

namespace harvest::publish {

/// The way out: the open range of a dataset is closed as a segment, for all views; then each view is cut, committed and
/// listed on its own (view_writer.h), in its own format, with its own filter and its own versions.
///
/// A crash between any two steps leaves nothing half: a segment that is closed and not in a view's latest version is
/// cut again, to the same bytes; a listing that is missing is written again from the store's manifest. Nothing already
/// published is ever changed. A view that is asked for late begins with the dataset's first pair.
///
/// Verbs are synchronous and blocking, without threads of their own: a worker thread drives tick(), never a lane. They
/// may be called from any thread; one runs at a time. status() waits for nobody.
///
/// Only labelled pairs are cut: what the background (label_some()) has not come to yet is labelled first.
///
/// Every pair passes the export gate on the day it is cut: what its teacher's rights do not permit then is kept out,
/// and counted by rule in the manifest.
class Publisher {
 public:
  Publisher(store::Store& store, PublisherOptions options);

  /// Once, at start, before any other verb: takes away what a crash left half written and writes listings that are
  /// missing, in every dataset. What was not cut yet is the next tick's. All are tried, and the messages joined.
  absl::Status recover();

  /// Closes by size and age every dataset that is due, and publishes what is closed in all of its views; in `default`
  /// where it has none. One view's failure does not keep the others: all are tried, and the messages joined. What
  /// failed is tried again by the next tick.
  absl::Status tick(int64_t utc_us);

  /// By command: closes the open range, cuts, publishes the view; returns when the manifest stands. With nothing new
  /// the current version stays. NOT_FOUND; INVALID_ARGUMENT for what this version has not; FAILED_PRECONDITION where
  /// there is nothing to publish at all, or the view was published in another format or with another filter.
  absl::StatusOr<v1::DatasetStatus> publish(const std::string& name, const v1::View& asked, int64_t utc_us);

  /// By command: merges the view's small segments into a version that replaces them (view_compactor.h); returns when
  /// the manifest stands. With nothing to merge the current version stays. NOT_FOUND, FAILED_PRECONDITION, DATA_LOSS.
  absl::StatusOr<v1::DatasetStatus> compact(const std::string& name, const std::string& view, int64_t utc_us);
  /// A little of what is to be labelled, in the background; true where more is left. Holds no other verb up.
  absl::StatusOr<bool> label_some() { return labels_.label_some(); }

  absl::StatusOr<v1::DatasetStatus> status(const std::string& name) const;
  ViewFiles files(const std::string& dataset, const std::string& view) const {
    return {options_.datasets_directory, dataset, view};
  }

 private:
  bool due(const v1::DatasetRecord& dataset, int64_t utc_us) const;
  absl::Status close_due(const v1::DatasetRecord& dataset, int64_t utc_us);
  absl::Status check_new(const v1::DatasetRecord& dataset, const v1::View& view) const;
  absl::Status write_views(const std::string& dataset, int64_t utc_us);
  absl::Status write_view(const std::string& dataset, const v1::ViewRecord& view, bool due, int64_t utc_us);
  absl::Status recover_dataset(const v1::DatasetRecord& dataset);

  store::Store& store_;
  PublisherOptions options_;
  PairLabeller labels_;
  std::mutex running_;  ///< held by a verb from begin to end
  /// Dataset and view → version whose listing stands; under running_.
  std::map<std::pair<std::string, std::string>, uint64_t> listed_;
  std::map<std::pair<std::string, std::string>, int64_t> looked_us_;  ///< complete_only: by tick(); under running_
};

}  // namespace harvest::publish

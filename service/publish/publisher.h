#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harvest/v1/dataset.pb.h"
#include "service/publish/dataset_files.h"
#include "service/publish/segment_cutter.h"
#include "storage/store/store.h"

namespace harvest::publish {

struct PublisherOptions {
  std::string datasets_directory;               ///< data_dir/datasets
  uint64_t segment_bytes = 64 << 20;            ///< of raw answers
  int64_t segment_age_us = 300'000'000;         ///< since the first pair of the open range
  bool by_command_only = false;                 ///< tick() closes nothing
  std::string service_version;                  ///< for manifests
  std::function<void(uint64_t shards)> sealed;  ///< told at each version: shards that are new in it
  CutBounds bounds;
};

/// The way out: close → cut → publish.
///
///   close    the open range of a dataset becomes a segment              (store)
///   cut      its pairs become shards, on disk with fsync                (files)
///   publish  segment boundaries, catalogue and manifest in one batch    (store)
///   list     manifest-N.json, urls.txt, manifest.json by rename         (files)
///
/// A crash between any two leaves nothing half: a segment that is closed and not published is cut again, to the same
/// bytes; a listing that is missing is written again from the store's manifest. Nothing already published is ever
/// changed.
///
/// Verbs are synchronous and blocking, without threads of their own: a worker thread drives tick(), never a lane. They
/// may be called from any thread; one runs at a time. status() waits for nobody.
///
/// Every pair passes the export gate on the day it is cut: what its teacher's rights do not permit then is kept out,
/// and counted by rule in the manifest. The one view is `default`; its format and filter are fixed when first
/// published.
class Publisher {
 public:
  Publisher(store::Store& store, PublisherOptions options);

  /// Once, at start, before any other verb: finishes what a crash interrupted, in every dataset.
  absl::Status recover(int64_t utc_us);

  /// Closes by size and age every dataset that is due and publishes what is closed. One dataset's failure does not keep
  /// the others: all are tried, and the messages joined. What failed is tried again by the next tick.
  absl::Status tick(int64_t utc_us);

  /// By command: closes the open range, cuts, publishes; returns when the manifest stands. With nothing new it returns
  /// the current version. NOT_FOUND; INVALID_ARGUMENT for what this version has not; FAILED_PRECONDITION where there is
  /// nothing to publish at all, or the view was published in another format or with another filter.
  absl::StatusOr<v1::DatasetStatus> publish(const std::string& name, const v1::View& view, int64_t utc_us);

  absl::StatusOr<v1::DatasetStatus> status(const std::string& name) const;
  DatasetFiles files(const std::string& name) const { return {options_.datasets_directory, name}; }

  // ---- the steps, for whoever must stop between them ----
  absl::Status close(const std::string& name, std::string_view cause, const v1::View& view, int64_t utc_us);
  /// The closed segments that are in no version yet, cut.
  absl::StatusOr<std::vector<SegmentCutter::Cut>> cut(const std::string& name, const v1::View& view, int64_t utc_us);
  /// Into the store: the next version.
  absl::Status commit(const std::string& name, std::vector<SegmentCutter::Cut> cuts, const v1::View& view,
                      int64_t utc_us);
  /// Out of the store: the files that say so.
  absl::Status list(const std::string& name);

 private:
  absl::Status publish_closed(const v1::DatasetRecord& dataset, const v1::View& view, int64_t utc_us);
  /// FAILED_PRECONDITION where no pair that has arrived passes. Reads as far as the first that does.
  absl::Status check_passes(const v1::DatasetRecord& dataset, const std::string& filter) const;
  bool due(const v1::DatasetRecord& dataset, int64_t utc_us) const;
  absl::Status serve(const v1::DatasetRecord& dataset, int64_t utc_us);
  absl::Status restore_versions(const v1::DatasetRecord& dataset) const;

  store::Store& store_;
  PublisherOptions options_;
  std::mutex running_;                      ///< held by a verb from begin to end
  std::map<std::string, uint64_t> listed_;  ///< dataset → version whose listing stands; under running_
};

}  // namespace harvest::publish

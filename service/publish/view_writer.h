#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harvest/v1/dataset.pb.h"
#include "service/publish/publisher_options.h"
#include "service/publish/view_files.h"
#include "storage/store/store.h"

namespace harvest::publish {

/// The manifest that a view's next version grows from, and its bytes; both empty before the first.
struct LatestManifest {
  v1::Manifest manifest;
  std::string json;
};
absl::StatusOr<LatestManifest> latest_manifest(const store::Store& store, const std::string& dataset,
                                               const v1::ViewRecord& view);

/// A view of a dataset on its way out, step by step.
///
///   cut      the segments that are in no version of it yet become shards, on disk with fsync   (files)
///   commit   catalogue and manifest of the next version in one batch                           (store)
///   list     manifest-N.json, urls.txt, manifest.json by rename                                (files)
///
/// Whoever stops between two of them begins again with the first: it gives the same bytes. Blocking; one at a time for
/// each dataset. The dataset and the view must be there. Errors are those of the store and the file system.
class ViewWriter {
 public:
  ViewWriter(store::Store& store, const PublisherOptions& options, std::string dataset, std::string view)
      : store_(store),
        options_(options),
        dataset_(std::move(dataset)),
        view_(std::move(view)),
        files_(options.datasets_directory, dataset_, view_) {}

  /// All that is left, in as many versions as it takes.
  absl::Status write(int64_t utc_us);

  /// What the next version has: a bounded number of segments; of a snapshot, all of them.
  absl::StatusOr<std::vector<v1::Cut>> cut(int64_t utc_us);
  absl::Status commit(const std::vector<v1::Cut>& cuts, int64_t utc_us);
  absl::Status list();
  /// Every version's manifest that is missing among the files.
  absl::Status restore_versions();

 private:
  /// The dataset as it stands, and the view in it.
  struct Standing {
    v1::DatasetRecord dataset;
    v1::ViewRecord view;
  };
  absl::StatusOr<Standing> standing() const;

  store::Store& store_;
  const PublisherOptions& options_;
  std::string dataset_;
  std::string view_;
  ViewFiles files_;
};

}  // namespace harvest::publish

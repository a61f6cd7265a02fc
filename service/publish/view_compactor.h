#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "harvest/v1/dataset.pb.h"
#include "service/publish/compaction.h"
#include "service/publish/publisher_options.h"
#include "service/publish/view_files.h"
#include "service/publish/view_writer.h"
#include "storage/store/store.h"

namespace harvest::publish {

/// Merges a view's small segments into a version that replaces them: the same rows to the byte, in the same order
/// within each rights group, in fewer files.
///
///   merge    new shards, from the lines of the old ones, on disk with fsync   (files)
///   commit   manifest and the new shards' names in one batch                  (store)
///   list     by the ViewWriter                                                (files)
///
/// Whoever stops between two of them begins again with the first, which gives the same bytes, or has only to list. Old
/// shards stay: older versions list them. Blocking; one at a time for each dataset. Errors are those of the store and
/// the file system; FAILED_PRECONDITION where the view has no version, is a snapshot, or has shards whose lines cannot
/// be read here (Parquet); DATA_LOSS where a shard is not what its manifest says, and then nothing is replaced.
class ViewCompactor {
 public:
  ViewCompactor(store::Store& store, const PublisherOptions& options, std::string dataset, std::string view)
      : store_(store),
        options_(options),
        dataset_(std::move(dataset)),
        view_(std::move(view)),
        files_(options.datasets_directory, dataset_, view_) {}

  /// A version of what it found together with its new shards.
  struct Rewrite {
    v1::Manifest manifest;
    v1::Cut merged;
  };
  /// Nothing where there is nothing to merge.
  absl::StatusOr<std::optional<Rewrite>> merge(int64_t utc_us) const;
  absl::Status commit(const Rewrite& rewrite);

 private:
  absl::StatusOr<std::vector<std::string>> groups(const v1::Manifest& manifest) const;
  absl::StatusOr<v1::Shard> write(const v1::Manifest& manifest, const Merge& merge, size_t part) const;

  store::Store& store_;
  const PublisherOptions& options_;
  std::string dataset_;
  std::string view_;
  ViewFiles files_;
};

}  // namespace harvest::publish

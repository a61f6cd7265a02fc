#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "harvest/v1/dataset.pb.h"

namespace harvest::publish {

/// Where a dataset's files lie, and how its listing is written.
///
///   NAME/shards/FILE                       immutable, content-addressed
///   NAME/views/default/manifest-N.json     every version
///   NAME/urls.txt                          the latest version's shards, one relative path a line
///   NAME/manifest.json                     the latest version; renamed into place last
///
/// Who sees manifest.json sees every file it lists. All of it but the shards can be written again from the store.
class DatasetFiles {
 public:
  /// `root`: data_dir/datasets. `name` has passed corpus::check_dataset_name().
  DatasetFiles(const std::string& root, const std::string& name);

  const std::string& directory() const { return directory_; }
  std::string shards() const { return directory_ + "/shards"; }
  std::string shard(const std::string& file) const { return shards() + '/' + file; }
  std::string manifest() const { return directory_ + "/manifest.json"; }
  std::string manifest(uint64_t version) const;
  std::string urls() const { return directory_ + "/urls.txt"; }

  absl::Status make() const;
  /// Removes what interrupted writes left.
  absl::Status clean() const;
  /// Whether the listing of this version stands, byte for byte.
  bool lists(const v1::Manifest& manifest, std::string_view json) const;
  absl::Status write_listing(const v1::Manifest& manifest, std::string_view json) const;
  /// Writes the manifest of this version unless it stands.
  absl::Status keep_version(uint64_t version, std::string_view json) const;

 private:
  std::string views() const { return directory_ + "/views/default"; }

  std::string directory_;
};

}  // namespace harvest::publish

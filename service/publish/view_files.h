#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "harvest/v1/dataset.pb.h"

namespace harvest::publish {

/// Where the files of a dataset's view lie, and how its listing is written.
///
///   NAME/shards/FILE                  immutable, content-addressed; of all views
///   NAME/views/VIEW/manifest-N.json   every version
///   NAME/views/VIEW/urls.txt          the latest version's shards, one relative path a line
///   NAME/views/VIEW/manifest.json     the latest version; renamed into place last
///
/// The listing of the view `default` stands in NAME/ itself. Who sees manifest.json sees every file it lists. All of it
/// but the shards can be written again from the store.
class ViewFiles {
 public:
  /// `root`: data_dir/datasets. The names have passed corpus::check_name().
  ViewFiles(const std::string& root, const std::string& dataset, const std::string& view);

  /// The dataset's.
  const std::string& directory() const { return directory_; }
  std::string shards() const { return directory_ + "/shards"; }
  std::string shard(const std::string& file) const { return shards() + '/' + file; }
  std::string manifest() const { return listing() + "/manifest.json"; }
  std::string manifest(uint64_t version) const;
  std::string urls() const { return listing() + "/urls.txt"; }

  absl::Status make() const;
  /// Removes what interrupted writes left.
  absl::Status clean() const;
  /// Whether the listing of this version stands, byte for byte.
  bool lists(const v1::Manifest& manifest, std::string_view json) const;
  absl::Status write_listing(const v1::Manifest& manifest, std::string_view json) const;
  /// Writes the manifest of this version unless it stands.
  absl::Status keep_version(uint64_t version, std::string_view json) const;

 private:
  std::string versions() const { return directory_ + "/views/" + view_; }
  std::string listing() const { return is_default_ ? directory_ : versions(); }
  std::string url_list(const v1::Manifest& manifest) const;

  std::string directory_;
  std::string view_;
  bool is_default_;
};

}  // namespace harvest::publish

#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "client/s3/bucket.h"
#include "client/s3/place.h"
#include "harvest/v1/dataset.pb.h"

namespace harvest::client {
class HeldVersion;
}

namespace harvest::s3 {

/// A published version on its way to a bucket.
struct PushPlan {
  std::string manifest;  ///< its bytes
  std::string sha256;    ///< of them, hex
  std::string dataset;   ///< and view: what the manifest must be of
  std::string view;
  Place place;
  uint64_t part_bytes = 0;
  /// Brings a shard's file here and says where it lies; it is asked for those alone that the bucket has not. Its bytes
  /// are checked on their way.
  std::function<absl::StatusOr<std::string>(const v1::Shard&)> bring;
  /// Told when the file was sent.
  std::function<void(const std::string& path)> sent;
  /// Whether this version may follow on what the bucket holds.
  std::function<absl::Status(const client::HeldVersion& held, const v1::Manifest& manifest)> check_follows;
  std::function<void(uint64_t done, uint64_t all)> on_shard;  ///< may be empty
  std::function<bool()> go_on;                                ///< may be empty
};

struct PushReport {
  uint64_t version = 0;
  uint64_t shards = 0;
  uint64_t kept = 0;  ///< were there already, with this size and hash
  uint64_t rows = 0;
  uint64_t bytes = 0;       ///< of the version's shards
  uint64_t bytes_sent = 0;  ///< of shards
  uint64_t parts_kept = 0;  ///< of an interrupted push
  bool manifest_sent = false;
};

/// Puts a version into a bucket, laid out as `datasets pull` lays out a directory: shards/NAME, which never change,
/// then manifests/VERSION.json, which never changes, and manifest.json last: until it stands, whoever reads the bucket
/// sees the version of before, whole. An older version never replaces a newer one, not in a race either: the last put
/// names the manifest that it was decided upon.
///
/// Blocking. FAILED_PRECONDITION: the bucket holds another dataset, a newer version or another history, or other bytes
/// under a shard's name; ABORTED: somebody else pushed meanwhile; others as the bucket's, and upload()'s.
absl::StatusOr<PushReport> push(Bucket& bucket, const PushPlan& plan);

}  // namespace harvest::s3

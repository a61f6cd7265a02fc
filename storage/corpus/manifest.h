#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "harvest/v1/dataset.pb.h"

/// The list of a version's shards as a file: canonical JSON, so that its SHA-256 names the version and a signature over
/// its bytes is a signature over what they say. Fields: those of v1::Manifest, every one always there; README.md lists
/// them.
namespace harvest::corpus {

/// The file's bytes. No newline at the end: they are exactly what is hashed.
std::string manifest_json(const v1::Manifest& manifest);

/// Fields that this version does not know are skipped (schemas only grow); a missing or mistyped one is
/// INVALID_ARGUMENT with its name, what was found and what was expected. A shard's path must be a bare file name: what
/// is pulled from elsewhere must not choose where it is written.
absl::StatusOr<v1::Manifest> parse_manifest(std::string_view json);

/// Of several machines each takes every so many shards, in the manifest's order.
struct ShardShare {
  uint64_t rank = 0;
  uint64_t world_size = 1;  ///< more than rank
  /// INVALID_ARGUMENT unless the rank is one of the world's.
  absl::Status check() const;
  bool has(int place) const { return static_cast<uint64_t>(place) % world_size == rank; }
};

/// Are a shard's rows in the order in which they arrived? Not in a snapshot, nor in the order of submission.
bool in_order_of_arrival(const v1::Manifest& manifest);

/// Hex, as in `parent_sha256`.
std::string manifest_sha256(std::string_view json);

}  // namespace harvest::corpus

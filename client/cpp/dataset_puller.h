#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "client/cpp/access.h"
#include "client/cpp/harvest_client.h"
#include "storage/corpus/manifest.h"

namespace harvest::client {

struct PullPlan {
  std::string dataset;
  std::string view = "default";
  uint64_t version = 0;  ///< 0: the latest
  std::string directory;
  bool prune = false;        ///< take away what the manifest no longer lists
  corpus::ShardShare share;  ///< of several machines each brings its own
  Access access{};           ///< to the HTTP face
  /// Told after each shard: how many of how many are there.
  std::function<void(uint64_t done, uint64_t all)> on_shard;
};

struct PullReport {
  uint64_t version = 0;
  uint64_t shards = 0;
  uint64_t kept = 0;  ///< were there already
  uint64_t pruned = 0;
  uint64_t rows = 0;         ///< of the shards that were brought
  uint64_t bytes = 0;        ///< of these
  uint64_t bytes_moved = 0;  ///< over the network
  std::string manifest_sha256;
};

/// Brings a published version into a directory: shards/… first, each verified before it gets its name, manifest.json
/// last, so that a manifest there means that its shards are. Pulling a later version into the same directory moves only
/// what is new; shards that a version no longer lists stay where they are. Plain lines get what mosaicml-streaming
/// reads beside them (mosaic.h). receipt.json says what was pulled, when and from whom.
///
/// FAILED_PRECONDITION: the directory holds another dataset or view, or a version that the one asked for does not
/// follow on: somebody's history is not the one it saw. Else as shard_fetch.h and the service.
absl::StatusOr<PullReport> pull(HarvestClient& client, const PullPlan& plan);

}  // namespace harvest::client

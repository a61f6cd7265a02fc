#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "client/cpp/access.h"

namespace harvest::client {

/// One file to be had over HTTP, known by its hash.
struct ShardFetch {
  std::string url;
  std::string path;
  std::string sha256;  ///< hex
  uint64_t bytes = 0;
  Access access{};
};

struct Fetched {
  bool kept = false;         ///< the file was there already, with these bytes
  uint64_t bytes_moved = 0;  ///< over the network
};

/// Brings the file to its path: what stands there with this hash is kept; a download that was interrupted goes on where
/// it stopped (Range with If-Range on the hash's entity tag); size and hash are checked before the file gets its name,
/// so that a name never has wrong bytes. No proxy, no redirect.
///
/// Blocking. UNAVAILABLE: nobody answers or the connection broke (what came is kept for the next try); NOT_FOUND;
/// UNAUTHENTICATED, PERMISSION_DENIED: the token; FAILED_PRECONDITION: it would go in the clear; DATA_LOSS: the bytes
/// are not what the hash says; others: the disk.
absl::StatusOr<Fetched> fetch_shard(const ShardFetch& shard);

}  // namespace harvest::client

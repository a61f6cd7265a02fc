#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "client/s3/bucket.h"

namespace harvest::s3 {

/// A file that is to stand in a bucket for good, known by its hash.
struct Upload {
  std::string path;
  std::string key;
  std::string sha256;  ///< hex
  uint64_t bytes = 0;
  uint64_t part_bytes = 0;      ///< at least S3's least; a file of more goes in parts
  std::function<bool()> go_on;  ///< asked between parts; empty: always
};

struct Uploaded {
  uint64_t bytes_sent = 0;
  uint32_t parts_kept = 0;  ///< were there from a run of before
};

/// Sends the file, as one object or in parts; parts that an interrupted run left are found and not sent again. What is
/// read is hashed on its way, and the object comes to be only if the hash is right; only where none stands.
///
/// Blocking; holds one part in memory. DATA_LOSS: the file is not that of the hash; ABORTED: another one stands there;
/// CANCELLED: told to stop; others as the bucket's, RESOURCE_EXHAUSTED for the file.
absl::StatusOr<Uploaded> upload(Bucket& bucket, const Upload& file);

}  // namespace harvest::s3

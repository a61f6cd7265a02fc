#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "service/http/sources.h"

namespace harvest {

/// Who took what away: a line of JSON for each manifest and shard that was sent, in a file for each dataset that is
/// only ever added to; and a line of the log.
///
/// The HTTP face's lane alone writes and reads. A line that the disk does not take is told in the log and costs nobody
/// his download. A power loss may take the last seconds' lines: nothing waits for the disk here.
class Receipts {
 public:
  explicit Receipts(std::string directory) : directory_(std::move(directory)) {}

  void add(const http::Download& download, int64_t utc_us);
  /// JSON lines, oldest first; of a long history the last eight megabytes.
  absl::StatusOr<std::string> of(const std::string& dataset) const;

 private:
  std::string path_of(const std::string& dataset) const { return directory_ + "/" + dataset + ".jsonl"; }

  const std::string directory_;
};

}  // namespace harvest

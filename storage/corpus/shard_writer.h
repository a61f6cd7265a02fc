#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/dataset.pb.h"
#include "storage/corpus/large_buffer.h"
#include "storage/corpus/shard_format.h"
#include "storage/corpus/shard_packing.h"

namespace harvest::corpus {

/// Gathers lines in memory and seals them as one file, which is never appended to. Whole in memory because gzip goes
/// through libdeflate, several times as fast as streaming zlib but whole-buffer, and because a zstd frame is to name
/// its size; the caller bounds the raw size (kShardRawBytesMax).
///
/// The name is PREFIX-{first 12 hex digits of the file's SHA-256}.FORMAT: equal lines always give the same name and
/// bytes, so that cutting a range again after a crash overwrites a file with itself.
///
/// Owned by one thread. Errors are those of atomic_file.h; a shard that failed may be sealed again.
class ShardWriter {
 public:
  static constexpr size_t kShardRawBytesMax = 64 << 20;

  ShardWriter(std::string directory, std::string prefix, ShardFormat format, Profile profile = {})
      : directory_(std::move(directory)), prefix_(std::move(prefix)), format_(format), profile_(profile) {}

  /// `line` without its newline.
  void add(std::string_view line, std::string_view record_id);
  bool empty() const { return ids_.empty(); }
  size_t raw_bytes() const { return raw_.size(); }

  /// Writes the file, on disk when this returns. What only the caller knows (teachers, licences, segment) is left
  /// empty.
  absl::StatusOr<v1::Shard> seal() const;

 private:
  std::string directory_;
  std::string prefix_;
  ShardFormat format_;
  Profile profile_;
  LargeText raw_;
  std::vector<std::string> ids_;
};

}  // namespace harvest::corpus

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/corpus/large_buffer.h"
#include "storage/corpus/shard_format.h"

namespace harvest::corpus {

enum class Profile : uint8_t;  // profile.h

/// The bound is as large as the input, the result a fraction.
struct Packed {
  LargeBuffer bytes;
  size_t size = 0;
  std::string_view view() const { return {bytes.data(), size}; }
};

/// What a shard is packed from.
struct ShardLines {
  std::string_view raw;                 ///< each line ended by a newline
  const std::vector<std::string>& ids;  ///< of the records, one for each line
  Profile profile;                      ///< what the rows are
  const std::string& directory;  ///< where files may be written on the way: their names begin as atomic_file's do
};

/// A whole shard's lines as its file holds them; equal lines give equal bytes, as long as the library is the same. Not
/// for kJsonl, whose lines are the file. RESOURCE_EXHAUSTED where there is no memory; FAILED_PRECONDITION where what a
/// format needs is not installed.
absl::StatusOr<Packed> pack(ShardFormat format, const ShardLines& lines);

/// FAILED_PRECONDITION where what a format needs is not installed, with what that is.
absl::Status check_packing(ShardFormat format);

/// The way back, piece by piece. Strict where pack() is: one gzip member, or one zstd frame that names its size, or one
/// tar with its two empty blocks, and nothing behind it. Owned by one thread.
class Unpacker {
 public:
  /// Null for kJsonl, which is not packed, and for kParquet, which only DuckDB reads.
  static std::unique_ptr<Unpacker> make(ShardFormat format);
  virtual ~Unpacker() = default;

  /// Hands on what these bytes of the file unpack to. DATA_LOSS.
  virtual absl::Status unpack(std::string_view bytes, const std::function<void(std::string_view)>& take) = 0;
  /// Nothing may come any more, and nothing is missing.
  virtual bool ended() const = 0;
};

}  // namespace harvest::corpus

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/corpus/shard_format.h"

namespace harvest::corpus {

/// Bytes in memory that is not cleared first: the bound is as large as the input, the result a fraction.
struct Packed {
  std::unique_ptr<char[]> bytes;
  size_t size = 0;
  std::string_view view() const { return {bytes.get(), size}; }
};

/// A whole shard's lines as its file holds them; equal lines give equal bytes, as long as the library is the same. Not
/// for kJsonl, whose lines are the file. RESOURCE_EXHAUSTED where there is no memory.
absl::StatusOr<Packed> pack(ShardFormat format, std::string_view raw);

/// The way back, piece by piece. Strict where pack() is: one gzip member, or one zstd frame that names its size, and
/// nothing behind it. Owned by one thread.
class Unpacker {
 public:
  /// Null for kJsonl: there is nothing to unpack.
  static std::unique_ptr<Unpacker> make(ShardFormat format);
  virtual ~Unpacker() = default;

  /// Hands on what these bytes of the file unpack to. DATA_LOSS.
  virtual absl::Status unpack(std::string_view bytes, const std::function<void(std::string_view)>& take) = 0;
  /// Nothing may come any more, and nothing is missing.
  virtual bool ended() const = 0;
};

}  // namespace harvest::corpus

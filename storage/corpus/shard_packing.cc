#include "storage/corpus/shard_packing.h"

#include <cassert>

#include "storage/corpus/packings.h"

namespace harvest::corpus {

absl::StatusOr<Packed> pack(ShardFormat format, const ShardLines& lines) {
  switch (format) {
    case ShardFormat::kJsonlGz:
      return pack_gzip(lines.raw);
    case ShardFormat::kJsonlZst:
      return pack_zstd(lines.raw);
    case ShardFormat::kWebdataset:
      return pack_tar(lines);
    case ShardFormat::kParquet:
      return pack_parquet(lines);
    case ShardFormat::kJsonl:
      break;
  }
  // Invariant: plain lines are their own file.
  assert(false);
  return absl::InternalError("plain lines are not packed");
}

absl::Status check_packing(ShardFormat format) {
  return format == ShardFormat::kParquet ? check_parquet() : absl::OkStatus();
}

std::unique_ptr<Unpacker> Unpacker::make(ShardFormat format) {
  switch (format) {
    case ShardFormat::kJsonlGz:
      return unpack_gzip();
    case ShardFormat::kJsonlZst:
      return unpack_zstd();
    case ShardFormat::kWebdataset:
      return unpack_tar();
    case ShardFormat::kJsonl:
    case ShardFormat::kParquet:
      break;
  }
  return nullptr;
}

}  // namespace harvest::corpus

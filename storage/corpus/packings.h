#pragma once

#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/corpus/shard_packing.h"

/// How each format packs and unpacks: one file each; shard_packing.cc picks. Not for others.
namespace harvest::corpus {

absl::StatusOr<Packed> pack_gzip(std::string_view raw);
std::unique_ptr<Unpacker> unpack_gzip();

absl::StatusOr<Packed> pack_zstd(std::string_view raw);
std::unique_ptr<Unpacker> unpack_zstd();

absl::StatusOr<Packed> pack_tar(const ShardLines& lines);
std::unique_ptr<Unpacker> unpack_tar();

absl::StatusOr<Packed> pack_parquet(const ShardLines& lines);
absl::Status check_parquet();

// ---- what unpackers say alike ----
inline absl::Status bytes_behind() {
  return absl::DataLossError("there are bytes behind the shard's end");
}

}  // namespace harvest::corpus

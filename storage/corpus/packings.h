#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
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

// ---- what unpackers have alike ----

inline constexpr size_t kPieceBytes = 256 << 10;  ///< that is handed on at once
inline absl::Status damaged(const char* reason) {
  return absl::DataLossError(absl::StrCat("the compressed data is damaged (", reason, ")"));
}
inline absl::Status bytes_behind() {
  return absl::DataLossError("there are bytes behind the shard's end");
}

}  // namespace harvest::corpus

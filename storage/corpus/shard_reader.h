#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/corpus/digest.h"
#include "storage/corpus/file_descriptor.h"
#include "storage/corpus/shard_format.h"
#include "storage/corpus/shard_packing.h"

namespace harvest::corpus {

/// Streams the lines of a shard, whatever its size, and hashes what passes. Strict where our writer is: packed as
/// pack() packs, every line ended.
///
///   auto reader = ShardReader::open(path);
///   while (true) { auto more = reader->next(); if (!more.ok() || !*more) break; use(reader->line()); }
///
/// Owned by one thread. Errors: NOT_FOUND, DATA_LOSS for bytes that are no whole shard, else those of the file system.
class ShardReader {
 public:
  static absl::StatusOr<ShardReader> open(const std::string& path);
  ShardReader(ShardReader&&) noexcept;
  ShardReader& operator=(ShardReader&&) noexcept;
  ~ShardReader();

  /// False at the end.
  absl::StatusOr<bool> next();
  /// Without its newline; valid until next().
  std::string_view line() const { return line_; }

  // ---- what has passed; the whole file once next() was false ----
  uint64_t rows() const { return rows_; }
  uint64_t bytes() const { return bytes_; }
  uint64_t raw_bytes() const { return raw_bytes_; }
  /// Hex; once, at the end.
  std::string take_sha256() { return hex(file_hash_.finish()); }
  std::string take_raw_sha256() { return hex(raw_hash_.finish()); }

 private:
  ShardReader(std::string path, FileDescriptor fd, ShardFormat format);
  absl::Status fill();
  void take_raw(std::string_view raw);

  std::string path_;
  FileDescriptor fd_;
  std::unique_ptr<Unpacker> unpacker_;  ///< null: plain lines
  bool file_ended_ = false;
  std::string pending_;  ///< raw bytes that are read and not yet given out, from at_ on
  size_t at_ = 0;
  std::string_view line_;
  uint64_t rows_ = 0;
  uint64_t bytes_ = 0;
  uint64_t raw_bytes_ = 0;
  Sha256 file_hash_;
  Sha256 raw_hash_;
};

}  // namespace harvest::corpus

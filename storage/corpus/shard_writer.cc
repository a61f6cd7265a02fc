#include "storage/corpus/shard_writer.h"

#include <libdeflate.h>

#include <filesystem>
#include <memory>

#include "storage/corpus/atomic_file.h"
#include "storage/corpus/digest.h"

namespace harvest::corpus {
namespace {

/// The level at which JSON text stops shrinking noticeably; see the figures in README.md.
constexpr int kLevel = 6;

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};

/// Compressed bytes in memory that is not cleared first: the bound is as large as the input, the result a fraction.
struct Packed {
  std::unique_ptr<char[]> bytes;
  size_t size = 0;
  std::string_view view() const { return {bytes.get(), size}; }
};

absl::StatusOr<Packed> gzip(std::string_view raw) {
  const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(libdeflate_alloc_compressor(kLevel));
  if (compressor == nullptr) return absl::ResourceExhaustedError("no memory for compressing a shard");
  const size_t bound = libdeflate_gzip_compress_bound(compressor.get(), raw.size());
  Packed packed{std::make_unique_for_overwrite<char[]>(bound)};
  packed.size = libdeflate_gzip_compress(compressor.get(), raw.data(), raw.size(), packed.bytes.get(), bound);
  if (packed.size == 0) return absl::InternalError("a shard did not fit into the bound that libdeflate gave for it");
  return packed;
}

}  // namespace

void ShardWriter::add(std::string_view line, std::string_view record_id) {
  raw_.append(line);
  raw_ += '\n';
  if (rows_ == 0) first_id_ = record_id;
  last_id_ = record_id;
  ++rows_;
}

absl::StatusOr<v1::Shard> ShardWriter::seal() const {
  Packed packed;
  std::string_view bytes = raw_;
  if (format_ == ShardFormat::kJsonlGz) {
    auto compressed = gzip(raw_);
    if (!compressed.ok()) return compressed.status();
    packed = *std::move(compressed);
    bytes = packed.view();
  }
  v1::Shard shard;
  shard.set_sha256(hex(sha256(bytes)));
  shard.set_path(prefix_ + '-' + shard.sha256().substr(0, 12) + '.' + std::string(format_name(format_)));
  shard.set_bytes(bytes.size());
  shard.set_raw_bytes(raw_.size());
  shard.set_raw_sha256(hex(sha256(raw_)));
  shard.set_rows(rows_);
  shard.set_first_id(first_id_);
  shard.set_last_id(last_id_);
  const std::string path = (std::filesystem::path(directory_) / shard.path()).string();
  const absl::Status written = write_file_atomically(path, bytes);
  if (!written.ok()) return written;
  return shard;
}

}  // namespace harvest::corpus

#include "storage/corpus/shard_writer.h"

#include <filesystem>

#include "storage/corpus/atomic_file.h"
#include "storage/corpus/digest.h"
#include "storage/corpus/shard_packing.h"

namespace harvest::corpus {

void ShardWriter::add(std::string_view line, std::string_view record_id) {
  raw_.append(line);
  raw_.append("\n");
  ids_.emplace_back(record_id);
}

absl::StatusOr<v1::Shard> ShardWriter::seal() const {
  Packed packed;
  std::string_view bytes = raw_.view();
  if (format_ != ShardFormat::kJsonl) {
    auto compressed = pack(format_, {raw_.view(), ids_, profile_, directory_});
    if (!compressed.ok()) return compressed.status();
    packed = *std::move(compressed);
    bytes = packed.view();
  }
  v1::Shard shard;
  shard.set_sha256(hex(sha256(bytes)));
  shard.set_path(prefix_ + '-' + shard.sha256().substr(0, 12) + '.' + std::string(format_ending(format_)));
  shard.set_bytes(bytes.size());
  shard.set_raw_bytes(raw_.size());
  shard.set_raw_sha256(hex(sha256(raw_.view())));
  shard.set_rows(ids_.size());
  if (!ids_.empty()) {
    shard.set_first_id(ids_.front());
    shard.set_last_id(ids_.back());
  }
  const std::string path = (std::filesystem::path(directory_) / shard.path()).string();
  const absl::Status written = write_file_atomically(path, bytes);
  if (!written.ok()) return written;
  return shard;
}

}  // namespace harvest::corpus

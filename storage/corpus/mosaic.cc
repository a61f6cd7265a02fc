#include "storage/corpus/mosaic.h"

#include <cassert>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "storage/corpus/atomic_file.h"
#include "storage/corpus/canonical_json.h"
#include "storage/corpus/columns.h"
#include "storage/corpus/digest.h"
#include "storage/corpus/shard_format.h"

namespace harvest::corpus {
namespace {

constexpr size_t kShardBytesMax = size_t{1} << 32;
constexpr uint64_t kSizeLimit = 64 << 20;  // that its writers cut shards at; readers only show it

std::string columns_json() {
  JsonObject columns;
  for (const Column& column : kColumns)
    columns.text(column.name, column.type == ColumnType::kInteger || column.type == ColumnType::kBoolean ? "int"
                              : column.type == ColumnType::kReal                                         ? "float"
                                                                                                         : "str");
  return columns.text();
}

void put(JsonObject& json) {
  json.raw("columns", columns_json());
  json.raw("compression", "null");
  json.text("format", "json");
  json.texts("hashes", {"sha256"});
  json.text("newline", "\n");
  json.number("size_limit", kSizeLimit);
  json.number("version", 2);
}

std::string config_json() {
  JsonObject config;
  put(config);
  return config.text();
}

std::string file_json(const std::string& name, uint64_t bytes, const std::string& sha256) {
  JsonObject file, hashes;
  hashes.text("sha256", sha256);
  file.text("basename", "shards/" + name);
  file.number("bytes", bytes);
  file.raw("hashes", hashes.text());
  return file.text();
}

void append_u32(std::string& out, size_t number) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(number >> shift & 0xFF);
}

}  // namespace

std::string mosaic_index(const v1::Manifest& manifest, const std::vector<std::string>& metas_sha256) {
  assert(metas_sha256.size() == static_cast<size_t>(manifest.shards_size()));
  const size_t config_bytes = config_json().size();
  std::string shards = "[";
  for (int i = 0; i < manifest.shards_size(); ++i) {
    const v1::Shard& shard = manifest.shards(i);
    JsonObject json;
    put(json);
    json.raw("raw_data", file_json(shard.path(), shard.bytes(), shard.sha256()));
    json.raw("raw_meta", file_json(shard.path() + ".meta", 4 * (shard.rows() + 2) + config_bytes,
                                   metas_sha256[static_cast<size_t>(i)]));
    json.number("samples", shard.rows());
    json.raw("zip_data", "null");
    json.raw("zip_meta", "null");
    absl::StrAppend(&shards, shards.size() > 1 ? "," : "", json.text());
  }
  JsonObject index;
  index.raw("shards", shards + "]");
  index.number("version", 2);
  return index.text();
}

std::string mosaic_meta(std::string_view lines) {
  std::string offsets;
  size_t rows = 0;
  for (size_t begin = 0; begin < lines.size(); ++rows) {
    append_u32(offsets, begin);
    const size_t end = lines.find('\n', begin);
    begin = end == std::string_view::npos ? lines.size() : end + 1;
  }
  append_u32(offsets, lines.size());
  std::string meta;
  append_u32(meta, rows);
  return meta + offsets + config_json();
}

absl::Status write_mosaic(const std::string& directory, const v1::Manifest& manifest) {
  const auto format = parse_format(manifest.format());
  if (!format.ok() || *format != ShardFormat::kJsonl || !manifest.profile().empty()) return absl::OkStatus();
  std::vector<std::string> metas_sha256;
  for (const v1::Shard& shard : manifest.shards()) {
    const std::string path = absl::StrCat(directory, "/shards/", shard.path());
    const std::string meta_path = path + ".meta";
    std::error_code error;
    if (!std::filesystem::exists(meta_path, error)) {  // else it stands: a shard never changes
      const auto lines = read_file(path, kShardBytesMax - 1);
      if (!lines.ok()) return lines.status();
      const absl::Status written = write_file_atomically(meta_path, mosaic_meta(*lines));
      if (!written.ok()) return written;
    }
    const auto meta = read_file(meta_path, kShardBytesMax - 1);
    if (!meta.ok()) return meta.status();
    metas_sha256.push_back(hex(sha256(*meta)));
  }
  return write_file_atomically(directory + "/index.json", mosaic_index(manifest, metas_sha256));
}

}  // namespace harvest::corpus

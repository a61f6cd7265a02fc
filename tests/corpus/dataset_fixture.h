#pragma once

#include <string>
#include <vector>

#include "storage/corpus/atomic_file.h"
#include "storage/corpus/columns.h"
#include "storage/corpus/manifest.h"
#include "storage/corpus/shard_writer.h"
#include "storage/corpus/verify.h"
#include "tests/corpus/pair_fixture.h"
#include "tests/corpus/temp_directory.h"

namespace harvest::corpus {

/// A published directory with one shard a call of add_shard(); the manifest says what write_manifest() is given.
class DatasetFixture {
 public:
  explicit DatasetFixture(ShardFormat format = ShardFormat::kJsonlGz) : format_(format) {
    std::filesystem::create_directory(shards());
    manifest.set_dataset("sums");
    manifest.set_view("default");
    manifest.set_version(1);
    manifest.set_kind("append");
    manifest.set_format(std::string(format_name(format)));
    manifest.set_schema_sha256(schema_sha256());
    manifest.set_created_at("2026-11-22T00:00:00.000000Z");
  }

  std::vector<std::string> lines(size_t count) {
    std::vector<std::string> made;
    for (size_t i = 0; i < count; ++i) {
      PairFixture pair;
      pair.sequence = sequence_++;
      pair.pair.set_record_id("r_" + std::to_string(1000 + pair.sequence));
      made.push_back(pair.line());
    }
    return made;
  }

  std::filesystem::path add_shard(const std::vector<std::string>& shard_lines) {
    ShardWriter writer(shards().string(), "sums-000001-00", format_);
    for (const std::string& line : shard_lines)
      writer.add(line, line.size() > 20 ? line.substr(14, 6) : "");  // {"record_id":"r_1000"
    v1::Shard shard = writer.seal().value();
    shard.add_teachers("qwen");
    shard.add_licences("Apache-2.0");
    shard.add_prompt_sources("sums");
    manifest.set_rows(manifest.rows() + shard.rows());
    *manifest.add_shards() = shard;
    write_manifest();
    return shards() / shard.path();
  }

  void write_manifest() { spill(path() / "manifest.json", manifest_json(manifest)); }
  VerifyReport verify() const { return verify_directory(path().string()); }
  /// Whether a problem with these words was found, at this line.
  bool finds(std::string_view words, uint64_t line = 0) const {
    const VerifyReport report = verify();
    for (const Problem& problem : report.problems)
      if (problem.line == line && problem.what.find(words) != std::string::npos) return true;
    return false;
  }

  const std::filesystem::path& path() const { return directory_.path(); }
  std::filesystem::path shards() const { return path() / "shards"; }

  v1::Manifest manifest;

 private:
  TempDirectory directory_;
  ShardFormat format_;
  uint64_t sequence_ = 0;
};

}  // namespace harvest::corpus

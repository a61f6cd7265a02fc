#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harvest/v1/dataset.pb.h"
#include "storage/corpus/manifest.h"

/// Whether a directory holds what its manifest promises. The one truth of "verified": harvestctl, the service and the
/// tests all ask here.
///
/// Checked: the manifest parses, its rows are the sum of its shards', and its column list is this version's or an
/// earlier one's; each shard is there with its bytes, SHA-256, raw SHA-256, rows, first and last id; each line carries
/// every column in its type, in rising sequence, and is of a teacher, licence and prompt source that its shard is
/// listed under. Reads every shard once, streaming. Not checked: signatures and logs, and files that the manifest does
/// not list.
namespace harvest::corpus {

struct Problem {
  std::string file;   ///< relative to the directory
  uint64_t line = 0;  ///< from 1; 0: the file as a whole
  std::string what;

  /// "shards/x.jsonl.gz:17: column seed: found a text, expected int64"
  std::string text() const;
};

struct VerifyReport {
  v1::Manifest manifest;  ///< empty where it could not be read
  std::string manifest_sha256;
  uint64_t shards = 0;  ///< that were read to their end
  uint64_t rows = 0;
  uint64_t bytes = 0;
  std::vector<Problem> problems;  ///< the first hundred
  uint64_t problems_total = 0;

  bool ok() const { return problems_total == 0; }
};

/// `directory`/manifest.json, or `manifest_file` in it; shards in `directory`/shards or in `directory` itself. Of a
/// share the other shards may be missing.
VerifyReport verify_directory(const std::string& directory, const std::string& manifest_file = "manifest.json",
                              ShardShare share = {});

}  // namespace harvest::corpus

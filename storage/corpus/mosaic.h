#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "harvest/v1/dataset.pb.h"

/// What mosaicml-streaming reads beside plain lines, so that a directory of jsonl shards is a dataset of its:
/// index.json, and for each shard FILE.meta with where its lines begin. Both follow from the shards and their manifest
/// alone. Formats: its own (JSON shards, version 2); all numbers little-endian.
namespace harvest::corpus {

/// index.json of a directory with the shards in `shards/`. Of a manifest whose format is jsonl. `metas_sha256`: of each
/// shard's FILE.meta, in hex.
std::string mosaic_index(const v1::Manifest& manifest, const std::vector<std::string>& metas_sha256);

/// FILE.meta of a shard's lines: uint32 rows, uint32 offsets of each row and of the end, then the column list.
std::string mosaic_meta(std::string_view lines);

/// Writes both for every shard in `directory`/shards, where the manifest's format is jsonl and its rows have all
/// columns; else nothing. What stands is kept. A shard of 4 GiB or more has no offsets in 32 bits; none that we write
/// is so large. Errors are those of atomic_file.h.
absl::Status write_mosaic(const std::string& directory, const v1::Manifest& manifest);

}  // namespace harvest::corpus

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harvest/v1/dataset.pb.h"
#include "storage/corpus/shard_format.h"

namespace harvest::card {

/// What both kinds of cards say of a version, added up over its shards. Lists are sorted and hold each name once.
struct CardFacts {
  std::string name;     ///< the dataset's; of a view other than `default` with `-VIEW` behind
  std::string version;  ///< MAJOR.VERSION.0: the major one rises where rows that were published are replaced
  std::string day;      ///< YYYY-MM-DD, of the manifest
  std::string summary;  ///< one sentence
  std::string files;    ///< a pattern that the paths of all its shards match, as `datasets pull` lays them
  corpus::ShardFormat format = corpus::ShardFormat::kJsonlGz;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  std::vector<std::string> teachers, licences, prompt_sources, purposes, obligations;
  bool self_attested = false;  ///< of some rows nobody but the local user attested to the rights
};

/// Requires a manifest that parse_manifest() or the service made.
CardFacts facts_of(const v1::Manifest& manifest);

}  // namespace harvest::card

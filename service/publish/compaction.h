#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harvest/v1/dataset.pb.h"

namespace harvest::publish {

/// Which shards of a version become one. Places in the manifest's list; one alone stays the file that it is.
struct Merge {
  std::vector<int> places;
  uint64_t first_segment = 0;  ///< of the neighbours that it was merged among
  uint64_t last_segment = 0;
};

/// Neighbouring small segments become one, as long as their rows are no more than `raw_bytes_max` together; small is
/// one of half of it at most. Shards are joined within their group alone (`groups`: of each shard what keeps it apart
/// from others), in the order of the list. What comes out is the new list; nothing is left out or comes twice.
std::vector<Merge> plan_compaction(const v1::Manifest& manifest, const std::vector<std::string>& groups,
                                   uint64_t raw_bytes_max);

}  // namespace harvest::publish

#include "service/publish/compaction.h"

#include <map>

namespace harvest::publish {
namespace {

/// Shards [first, end) of the list, which are of one segment or of neighbours.
struct Run {
  int first = 0, end = 0;
  uint64_t raw_bytes = 0;
};

std::vector<Run> segments_of(const v1::Manifest& manifest) {
  std::vector<Run> segments;
  for (int place = 0; place < manifest.shards_size(); ++place) {
    if (segments.empty() || manifest.shards(place - 1).segment() != manifest.shards(place).segment())
      segments.push_back({place, place, 0});
    segments.back().end = place + 1;
    segments.back().raw_bytes += manifest.shards(place).raw_bytes();
  }
  return segments;
}

std::vector<Run> neighbours(const std::vector<Run>& segments, uint64_t raw_bytes_max) {
  std::vector<Run> runs;
  bool last_small = false;
  for (const Run& segment : segments) {
    const bool small = segment.raw_bytes <= raw_bytes_max / 2;
    if (small && last_small && runs.back().raw_bytes + segment.raw_bytes <= raw_bytes_max) {
      runs.back().end = segment.end;
      runs.back().raw_bytes += segment.raw_bytes;
    } else {
      runs.push_back(segment);
    }
    last_small = small;
  }
  return runs;
}

}  // namespace

std::vector<Merge> plan_compaction(const v1::Manifest& manifest, const std::vector<std::string>& groups,
                                   uint64_t raw_bytes_max) {
  std::vector<Merge> merges;
  for (const Run& run : neighbours(segments_of(manifest), raw_bytes_max)) {
    const uint64_t first = manifest.shards(run.first).segment(), last = manifest.shards(run.end - 1).segment();
    std::map<std::string, size_t> merge_of;
    for (int place = run.first; place < run.end; ++place) {
      // Within one segment shards were parted by bounds that still hold.
      const auto [known, is_new] = first == last
                                       ? std::pair(merge_of.end(), true)
                                       : merge_of.try_emplace(groups[static_cast<size_t>(place)], merges.size());
      if (is_new)
        merges.push_back({{place}, first, last});
      else
        merges[known->second].places.push_back(place);
    }
  }
  return merges;
}

}  // namespace harvest::publish

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/dataset.pb.h"
#include "service/publish/export_gate.h"
#include "service/publish/record_renderer.h"
#include "storage/corpus/profile.h"
#include "storage/corpus/shard_format.h"
#include "storage/corpus/shard_writer.h"
#include "storage/corpus/where.h"
#include "storage/store/store.h"

namespace harvest::publish {

/// How large shards may get, and how much of unsealed ones is held in memory at most.
struct CutBounds {
  size_t shard_raw_bytes = corpus::ShardWriter::kShardRawBytesMax;
  /// Over all groups of a segment: with many prompt sources the largest is sealed early.
  size_t buffered_bytes = 2 * corpus::ShardWriter::kShardRawBytesMax;
};

/// Cuts one closed segment into shards: a shard holds one teacher's answers to one source's prompts under one rights
/// record, in arrival order, so that a recall touches only the shards that hold its rows.
///
///   pairs of the segment ──gate──filter──► groups by (teacher, source, licence, rights version) ──bound──► shards
///
/// The same range under the same rights always gives the same files: order, bounds and names depend on nothing else.
/// Reads pairs in batches; memory is `buffered_bytes`, and as much again while a shard is compressed. Blocking, for one
/// run on one thread. Errors are those of the store and of the file system; files that were sealed before one stay, and
/// the next cut writes them again.
class SegmentCutter {
 public:
  /// INVALID_ARGUMENT: the view is of a format, or has a filter, that this version does not know. Store and gate must
  /// outlive it.
  static absl::StatusOr<std::unique_ptr<SegmentCutter>> make(const store::Store& store, const ExportGate& gate,
                                                             std::string dataset, const v1::View& view,
                                                             std::string shard_directory, CutBounds bounds = {});

  absl::StatusOr<v1::Cut> cut(const v1::Segment& segment);

 private:
  SegmentCutter(const store::Store& store, const ExportGate& gate, std::string dataset, std::string shard_prefix,
                std::string shard_directory, corpus::ShardFormat format, corpus::Profile profile, corpus::Where where,
                CutBounds bounds);

  struct Group {
    corpus::ShardWriter writer;
    uint32_t part;    ///< place of the shard in the segment
    v1::Shard facts;  ///< what the group shares
  };
  using Key = std::tuple<std::string, std::string, std::string, uint64_t>;

  absl::Status add(const store::Store::SequencedPair& pair);
  std::string_view write_line(const corpus::RecordFacts& facts);
  absl::Status make_room(const Key& key, size_t bytes);
  Group& open(const Key& key, const v1::Pair& pair, const v1::Rights& rights);
  absl::Status seal(std::map<Key, Group>::iterator group);
  absl::Status seal_all();

  const store::Store& store_;
  const ExportGate& gate_;
  RecordRenderer renderer_;
  std::string dataset_;
  std::string shard_prefix_;
  std::string shard_directory_;
  corpus::ShardFormat format_;
  corpus::Profile profile_;
  corpus::Where where_;
  corpus::Row row_;  ///< what the filter asks about
  CutBounds bounds_;

  // of the segment being cut
  uint64_t segment_ = 0;
  uint32_t parts_ = 0;
  size_t buffered_bytes_ = 0;
  std::map<Key, Group> groups_;
  std::map<uint32_t, v1::Shard> sealed_;  ///< by part
  std::map<std::string, uint64_t> dropped_;
  std::string line_;
};

}  // namespace harvest::publish

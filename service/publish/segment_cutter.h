#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/dataset.pb.h"
#include "service/publish/row_maker.h"
#include "storage/corpus/shard_format.h"
#include "storage/corpus/shard_writer.h"
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
  /// Store and rows must outlive it. `prefix`: of the shards' names.
  SegmentCutter(const store::Store& store, RowMaker& rows, std::string dataset, std::string prefix,
                std::string shard_directory, corpus::ShardFormat format, CutBounds bounds = {});

  absl::StatusOr<v1::Cut> cut(const v1::Segment& segment);
  /// These pairs in this order, as if they were a segment of that number.
  absl::StatusOr<v1::Cut> cut(uint64_t segment, const std::vector<uint64_t>& sequences);

 private:
  struct Group {
    corpus::ShardWriter writer;
    uint32_t part;    ///< place of the shard in the segment
    v1::Shard facts;  ///< what the group shares
  };
  using Key = std::tuple<std::string, std::string, std::string, uint64_t>;

  void begin(uint64_t segment);
  absl::StatusOr<v1::Cut> finish();
  absl::Status add(const store::Store::SequencedPair& pair);
  absl::Status make_room(const Key& key, size_t bytes);
  Group& open(const Key& key, const v1::Pair& pair);
  absl::Status seal(std::map<Key, Group>::iterator group);
  absl::Status seal_all();

  const store::Store& store_;
  RowMaker& rows_;
  std::string dataset_;
  std::string prefix_;
  std::string shard_directory_;
  corpus::ShardFormat format_;
  CutBounds bounds_;

  // of the segment being cut
  uint64_t segment_ = 0;
  uint32_t parts_ = 0;
  size_t buffered_bytes_ = 0;
  std::map<Key, Group> groups_;
  std::map<uint32_t, v1::Shard> sealed_;  ///< by part
  std::map<std::string, uint64_t> dropped_;
};

}  // namespace harvest::publish

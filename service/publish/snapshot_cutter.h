#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "harvest/v1/dataset.pb.h"
#include "service/publish/row_maker.h"
#include "service/publish/siblings.h"
#include "storage/store/store.h"

namespace harvest::publish {

/// Cuts all closed pairs of a dataset into the view's K shards, which differ by one row at most: for trainers that
/// split by whole shards. Rows are ordered by a hash of their record ids, keyed by the dataset: more pairs move no row
/// past another.
///
/// Only a snapshot sees all samples of a prompt: so it says how far they agree, and makes rows of two of them
/// (profile preference).
///
/// Twice through the pairs: first which of them have a row (some 120 bytes each in memory, 40 once it is known how they
/// stand beside each other), then shard by shard, one in memory at a time. Blocking, for one run on one thread. Errors
/// are those of the store and the file system; FAILED_PRECONDITION where K is more than there are rows, or so small
/// that a shard outgrows memory.
class SnapshotCutter {
 public:
  /// `prefix`: of the shards' names. Store and rows must outlive it.
  SnapshotCutter(const store::Store& store, RowMaker& rows, std::string dataset, const v1::View& view,
                 std::string prefix, std::string shard_directory);

  /// Of the pairs below `end`, which are those of the segments up to this one.
  absl::StatusOr<v1::Cut> cut(uint64_t end, uint64_t segment);

 private:
  struct Place {
    std::array<uint8_t, 16> key;
    uint64_t sequence;
    uint64_t rejected;  ///< preference: of the other pair of the row
    float agreement;
    bool operator<(const Place& other) const { return key < other.key; }
  };
  absl::Status find_rows(uint64_t end);
  void compare(std::vector<Sibling> siblings);
  /// The row is rows_'s then; its facts.
  absl::StatusOr<v1::Shard> make_row(const Place& place, std::string& id);
  absl::StatusOr<v1::Shard> write_shard(size_t first, size_t last, uint32_t number);

  const store::Store& store_;
  RowMaker& rows_;
  std::string dataset_;
  v1::View view_;
  std::string prefix_;
  std::string shard_directory_;
  std::vector<Place> places_;
  std::map<std::string, uint64_t> dropped_;
};

}  // namespace harvest::publish

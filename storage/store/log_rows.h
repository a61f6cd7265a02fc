#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/proof/right_edge.h"
#include "storage/proof/tiled_hashes.h"
#include "storage/store/database.h"

namespace harvest::store {

/// Tiles of the log out of its rows. Those of level 0 are made of the entries themselves, 256 hashes of some 200 bytes,
/// in about 0.1 ms: a stored hash would be a sixth more of every entry, and could differ from it.
///
/// DATA_LOSS where a row is missing, by name. Any thread.
class LogRows : public proof::TileReader {
 public:
  /// `database` outlives it.
  explicit LogRows(const Database& database) : database_(database) {}

  absl::StatusOr<std::vector<std::string>> read(std::span<const proof::Tile> tiles) const override;

  /// Entries [first, first + count).
  absl::StatusOr<std::vector<std::string>> entries(uint64_t first, uint64_t count) const;
  /// Size and edge as the rows have them: the log is as long as its last entry says.
  absl::StatusOr<proof::RightEdge> edge() const;

 private:
  absl::StatusOr<std::string> leaves(const proof::Tile& tile) const;
  absl::StatusOr<std::string> hashes(const proof::Tile& tile) const;

  const Database& database_;
};

}  // namespace harvest::store

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/proof/checkpoint.h"
#include "storage/proof/hash.h"

/// A proof in one file (c2sp.org/tlog-proof, `.tlog-proof`): that an entry is in a log, checkable offline with nothing
/// but the file, the entry and the log's key.
///
///     c2sp.org/tlog-proof@v1
///     extra eyJjb21taXQiOi…          ours: the entry itself, so that the file needs nothing beside it
///     index 2
///     0HDcW42prqfcD1rUwp2JllIABZyaDOyjq9XaJJLctx0=
///     …                              the path, leaf's sibling first; then an empty line and the checkpoint
namespace harvest::proof {

inline constexpr size_t kInclusionHashesMax = 63;

struct InclusionFile {
  std::optional<std::string> extra;  ///< vouched for by nothing in the format
  uint64_t index = 0;
  std::vector<Hash> hashes;
  std::string checkpoint;  ///< a note's bytes
};

std::string inclusion_file_text(const InclusionFile& file);
/// INVALID_ARGUMENT names the line, what was found and what was expected. The checkpoint is only cut off here.
absl::StatusOr<InclusionFile> parse_inclusion_file(std::string_view text);

/// That `entry` is where the file says, in the log that its checkpoint is of; the checkpoint as opened. An error says
/// what does not hold.
absl::StatusOr<OpenCheckpoint> check_inclusion(const InclusionFile& file, std::string_view entry, const Trust& trust);

}  // namespace harvest::proof

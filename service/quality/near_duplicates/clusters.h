#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "service/quality/near_duplicates/signature.h"

namespace harvest::quality {

/// So much alike is near.
inline constexpr double kNear = 0.70;
/// So many heads a band names: its earliest. Where a template gives many answers one band, later ones are found by
/// their other bands, and looking for them costs no more.
inline constexpr size_t kBandHeadsMax = 4;

/// Rule `near_duplicate`: pairs of one dataset that are near to an earlier one, in the order of their arrival. A pair
/// that is near to none is the *head* of a cluster to come, which bears its record id; a later pair is compared with
/// heads alone, and belongs to the earliest that it is near to. So every member is near to what its cluster is named
/// by, no chain of small steps joins what is far apart, and nothing that is said of a pair changes when others come.
///
/// Made for some pairs at a time: with what bands_of() asks for, from the index of those before. The same pairs come to
/// the same clusters in whatever portions they are added. Owned by one thread.
class Clusters {
 public:
  struct Head {
    std::string record_id;
    Mins mins{};
  };
  using Bands =
      absl::flat_hash_map<uint64_t, std::vector<uint64_t>>;  ///< band → heads, by sequence, the earliest first
  using Heads = absl::flat_hash_map<uint64_t, Head>;         ///< by sequence

  /// `bands`: all that stands in the index of the bands of the pairs to come; `heads`: those that are named there.
  Clusters(Bands bands, Heads heads) : bands_(std::move(bands)), heads_(std::move(heads)) {}

  /// The next pair: the record id of the head that it is near to; nothing: it is one itself.
  std::optional<std::string> add(uint64_t sequence, const std::string& record_id, const Signature& signature);

  /// What the index lacks: heads that are new, and bands that name one of them, whole.
  const std::map<uint64_t, Head>& new_heads() const { return new_heads_; }
  std::map<uint64_t, std::vector<uint64_t>> changed_bands() const;

  /// Rule and parameters: clusters of another text are made anew.
  static std::string rule();

 private:
  const Head* near_to(const Signature& signature) const;

  Bands bands_;
  Heads heads_;
  std::map<uint64_t, Head> new_heads_;
};

}  // namespace harvest::quality

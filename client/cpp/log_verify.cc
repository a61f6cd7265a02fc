#include "client/cpp/log_verify.h"

#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/corpus/atomic_file.h"
#include "storage/proof/inclusion_file.h"
#include "storage/proof/right_edge.h"
#include "storage/proof/tile.h"

namespace harvest::client {
namespace {

constexpr size_t kFileBytesMax = 64 << 20;
constexpr std::string_view kProofMagic = "c2sp.org/tlog-proof@";

absl::Status in_file(const std::string& path, const absl::Status& why) {
  return absl::Status(why.code(), absl::StrCat(path, ": ", why.message()));
}

/// Held against each other while the tree is made anew from its entries.
class Tiles {
 public:
  Tiles(std::string directory, uint64_t size) : directory_(std::move(directory)), size_(size) {}

  absl::StatusOr<std::vector<std::string>> entries(uint64_t index) const {
    const uint64_t width = proof::tile_width(0, index, size_);
    const std::string path = proof::bundle_path(index, width);
    auto bytes = read(path);
    if (!bytes.ok()) return bytes.status();
    const auto entries = proof::read_bundle(*bytes, width);
    if (!entries.ok()) return in_file(path, entries.status());
    return std::vector<std::string>(entries->begin(), entries->end());
  }
  /// The hash of this place of a level is this one.
  absl::Status expect(int level, uint64_t index, const proof::Hash& hash) {
    const proof::Tile tile{level, index / proof::kTileWidth,
                           proof::tile_width(level, index / proof::kTileWidth, size_)};
    auto [kept, is_new] = open_.try_emplace(level);
    if (is_new || kept->second.tile != tile) {
      auto bytes = read(proof::tile_path(tile));
      if (!bytes.ok()) return bytes.status();
      if (bytes->size() != tile.width * sizeof(proof::Hash))
        return absl::DataLossError(absl::StrCat(proof::tile_path(tile), ": found ", bytes->size(), " bytes, expected ",
                                                tile.width * sizeof(proof::Hash)));
      kept->second = {tile, *std::move(bytes)};
    }
    const size_t at = index % proof::kTileWidth * sizeof(proof::Hash);
    if (std::string_view(kept->second.bytes).substr(at, sizeof(proof::Hash)) == proof::bytes_of(hash))
      return absl::OkStatus();
    return absl::DataLossError(
        absl::StrCat(proof::tile_path(tile), ": hash ", index % proof::kTileWidth, " is not what the entries make"));
  }

 private:
  absl::StatusOr<std::string> read(const std::string& path) const {
    return corpus::read_file(absl::StrCat(directory_, "/", path), kFileBytesMax);
  }
  struct OpenTile {
    proof::Tile tile;
    std::string bytes;
  };
  const std::string directory_;
  const uint64_t size_;
  std::map<int, OpenTile> open_;  // of each level the last one
};

}  // namespace

absl::StatusOr<LogVerify::Verified> LogVerify::check(const std::string& path) {
  auto verified = std::filesystem::is_directory(path) ? check_directory(path) : check_file(path);
  if (!verified.ok()) return verified;
  if (absl::Status one = one_history(path, verified->checkpoint); !one.ok()) return one;
  return verified;
}

absl::Status LogVerify::one_history(const std::string& path, const proof::Checkpoint& checkpoint) {
  const auto [seen, is_new] = seen_.try_emplace({checkpoint.origin, checkpoint.size}, Seen{checkpoint.root, path});
  if (seen->second.root == checkpoint.root) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path, ": the log is forked: its root of ", checkpoint.size,
                                          " entries is another than in ", seen->second.path));
}

absl::StatusOr<LogVerify::Verified> LogVerify::check_file(const std::string& path) {
  const auto bytes = corpus::read_file(path, kFileBytesMax);
  if (!bytes.ok()) return bytes.status();
  Verified verified;
  absl::StatusOr<proof::OpenCheckpoint> open;
  if (std::string_view(*bytes).starts_with(kProofMagic)) {
    auto file = proof::parse_inclusion_file(*bytes);
    if (!file.ok()) return in_file(path, file.status());
    if (!file->extra) return absl::InvalidArgumentError(absl::StrCat(path, ": found no entry in it (extra)"));
    open = proof::check_inclusion(*file, *file->extra, trust_);
    verified.kind = "proof";
    verified.index = file->index;
    verified.entry = *std::move(file->extra);
  } else {
    open = proof::open_checkpoint(*bytes, trust_);
    verified.kind = "checkpoint";
  }
  if (!open.ok()) return in_file(path, open.status());
  verified.checkpoint = std::move(open->checkpoint);
  verified.witnesses = open->witnesses.size();
  return verified;
}

absl::StatusOr<LogVerify::Verified> LogVerify::check_directory(const std::string& path) {
  auto verified = check_file(path + "/checkpoint");
  if (!verified.ok()) return verified;
  verified->kind = "log";
  const proof::Checkpoint& head = verified->checkpoint;
  Tiles tiles(path, head.size);
  proof::RightEdge tree;
  absl::Status wrong;
  const auto hold_against_others = [&] {
    const auto other = seen_.find({head.origin, tree.size()});
    if (other != seen_.end() && other->second.root != tree.root())
      wrong = absl::DataLossError(
          absl::StrCat("its first ", tree.size(), " entries are not those of the checkpoint in ", other->second.path));
  };
  hold_against_others();
  for (uint64_t bundle = 0; tree.size() < head.size && wrong.ok(); ++bundle) {
    const auto entries = tiles.entries(bundle);
    if (!entries.ok()) return in_file(path, entries.status());
    for (const std::string& entry : *entries) {
      const proof::Hash leaf = proof::leaf_hash(entry);
      wrong.Update(tiles.expect(0, tree.size(), leaf));
      tree.append(leaf, [&](const proof::Node& node, const proof::Hash& hash) {
        if (node.level % proof::kTileHeight == 0)
          wrong.Update(tiles.expect(node.level / proof::kTileHeight, node.index, hash));
      });
      hold_against_others();
      if (!wrong.ok()) break;
    }
  }
  if (!wrong.ok()) return in_file(path, wrong);
  if (tree.root() != head.root)
    return absl::DataLossError(absl::StrCat(path, ": its entries do not make the root of its checkpoint"));
  return verified;
}

absl::StatusOr<proof::VerifierKey> verifier_key_of(const std::string& given) {
  auto key = proof::parse_verifier_key(given);
  if (key.ok() || !std::filesystem::is_regular_file(given)) return key;
  auto text = corpus::read_file(given, 4096);
  if (!text.ok()) return text.status();
  absl::StripAsciiWhitespace(&*text);
  return proof::parse_verifier_key(*text);
}

}  // namespace harvest::client

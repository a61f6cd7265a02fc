#include "service/notary/log_files.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/proof/tile.h"

namespace harvest::notary {
namespace {

absl::StatusOr<std::string> bundle(const store::Store& store, const proof::Tile& tile) {
  const auto entries = store.log_entries(tile.index * proof::kTileWidth, tile.width);
  if (!entries.ok()) return entries.status();
  std::string bytes;
  for (const std::string& entry : *entries) proof::append_to_bundle(bytes, entry);
  return bytes;
}

}  // namespace

absl::StatusOr<std::string> log_file(const store::Store& store, const Notary& notary, std::string_view path) {
  const Notary::Signed head = notary.checkpoint();
  if (path == "checkpoint") {
    if (head.note.empty()) return absl::NotFoundError("nothing is signed yet");
    return head.note;
  }
  const auto named = proof::read_tile_path(path);
  if (!named || proof::tile_width(named->tile.level, named->tile.index, head.size) < named->tile.width)
    return absl::NotFoundError("the log has no such file");
  if (named->entries) return bundle(store, named->tile);
  auto tiles = store.log_tiles({&named->tile, 1});
  if (!tiles.ok()) return tiles.status();
  return std::move(tiles->front());
}

absl::StatusOr<proof::InclusionFile> prove_entry(const store::Store& store, Notary& notary, uint64_t index) {
  auto entry = store.log_entries(index, 1);
  if (!entry.ok()) return entry.status();
  if (index >= notary.checkpoint().size)
    if (absl::Status status = notary.sign(); !status.ok()) return status;
  const Notary::Signed head = notary.checkpoint();
  auto hashes = store.log_inclusion(index, head.size);
  if (!hashes.ok()) return hashes.status();
  proof::InclusionFile file{std::move(entry->front()), index, *std::move(hashes), head.note};
  // Rows that were changed must not pass for a proof.
  const auto holds = proof::check_inclusion(file, *file.extra, {{notary.key()}, {}, 0});
  if (!holds.ok()) return absl::DataLossError(absl::StrCat("the log's rows: ", holds.status().message()));
  return file;
}

}  // namespace harvest::notary

#include "storage/proof/inclusion_file.h"

#include "storage/proof/base64.h"
#include "storage/proof/note.h"
#include "storage/proof/proof_check.h"
#include "storage/proof/text_lines.h"
#include "storage/proof/tile.h"

namespace harvest::proof {
namespace {

constexpr std::string_view kMagic = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ", kIndex = "index ";
// Entries are what we put there; others' files may hold more, within reason.
constexpr size_t kFileBytesMax = kNoteBytesMax + 4 * kEntryBytesMax;

absl::Status malformed_file(std::string_view expected, std::optional<std::string_view> found) {
  return absl::InvalidArgumentError("proof: expected " + std::string(expected) + ", found " +
                                    (found ? shown(*found) : "its end"));
}

}  // namespace

std::string inclusion_file_text(const InclusionFile& file) {
  std::string text = std::string(kMagic) + "\n";
  if (file.extra) text += std::string(kExtra) + base64(*file.extra) + "\n";
  text += std::string(kIndex) + std::to_string(file.index) + "\n";
  for (const Hash& hash : file.hashes) text += base64(hash) + "\n";
  return text + "\n" + file.checkpoint;
}

absl::StatusOr<InclusionFile> parse_inclusion_file(std::string_view text) {
  if (text.size() > kFileBytesMax)
    return absl::InvalidArgumentError("proof: expected at most " + std::to_string(kFileBytesMax) + " bytes, found " +
                                      std::to_string(text.size()));
  TextLines lines(text);
  auto line = lines.next();
  if (line != kMagic) return malformed_file("the line " + shown(kMagic), line);
  InclusionFile file;
  line = lines.next();
  if (line && line->starts_with(kExtra)) {
    file.extra = read_base64(line->substr(kExtra.size()));
    if (!file.extra) return malformed_file("base64 behind \"extra\"", line);
    line = lines.next();
  }
  const auto index =
      line && line->starts_with(kIndex) ? read_decimal(line->substr(kIndex.size())) : std::optional<uint64_t>();
  if (!index) return malformed_file("\"index\" and a number", line);
  file.index = *index;
  while ((line = lines.next()) && !line->empty()) {
    const auto hash = read_base64_hash(*line);
    if (!hash || file.hashes.size() == kInclusionHashesMax)
      return malformed_file("at most " + std::to_string(kInclusionHashesMax) + " hashes in base64", line);
    file.hashes.push_back(*hash);
  }
  if (!line) return malformed_file("an empty line and a checkpoint", line);
  file.checkpoint = lines.rest();
  return file;
}

absl::StatusOr<OpenCheckpoint> check_inclusion(const InclusionFile& file, std::string_view entry, const Trust& trust) {
  auto open = open_checkpoint(file.checkpoint, trust);
  if (!open.ok()) return open;
  if (!proves_inclusion(leaf_hash(entry), file.index, open->checkpoint.size, file.hashes, open->checkpoint.root))
    return absl::InvalidArgumentError("proof: the path does not lead from the entry, as number " +
                                      std::to_string(file.index) + ", to the root of the checkpoint's " +
                                      std::to_string(open->checkpoint.size) + " entries");
  return open;
}

}  // namespace harvest::proof

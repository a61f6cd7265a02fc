#include "storage/proof/checkpoint.h"

#include <algorithm>

#include "storage/proof/base64.h"
#include "storage/proof/text_lines.h"

namespace harvest::proof {
namespace {

absl::Status malformed_checkpoint(std::string_view line, std::string_view expected, std::string_view found) {
  return absl::InvalidArgumentError("checkpoint: " + std::string(line) + ": expected " + std::string(expected) +
                                    ", found " + shown(found));
}

}  // namespace

std::string checkpoint_text(const Checkpoint& checkpoint) {
  std::string text = checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + base64(checkpoint.root) + "\n";
  for (const std::string& line : checkpoint.extensions) text += line + "\n";
  return text;
}

absl::StatusOr<Checkpoint> parse_checkpoint(std::string_view text) {
  TextLines lines(text);
  const auto origin = lines.next(), size = lines.next(), root = lines.next();
  if (!root) return malformed_checkpoint("text", "three lines", text);
  Checkpoint checkpoint;
  checkpoint.origin = *origin;
  if (origin->empty()) return malformed_checkpoint("line 1", "the log's name", *origin);
  const auto entries = read_decimal(*size);
  if (!entries) return malformed_checkpoint("line 2", "the number of entries", *size);
  checkpoint.size = *entries;
  const auto hash = read_base64_hash(*root);
  if (!hash) return malformed_checkpoint("line 3", "the root's hash in base64", *root);
  checkpoint.root = *hash;
  while (const auto line = lines.next()) {
    if (line->empty()) return malformed_checkpoint("a further line", "text", *line);
    checkpoint.extensions.emplace_back(*line);
  }
  if (!lines.rest().empty()) return malformed_checkpoint("last line", "a newline at its end", lines.rest());
  if (checkpoint.size == 0 && checkpoint.root != empty_root())
    return malformed_checkpoint("line 3", "the root of a log without entries", *root);
  return checkpoint;
}

std::string signed_checkpoint(const Checkpoint& checkpoint, const SignerKey& key) {
  Note note{checkpoint_text(checkpoint), {}};
  note.signatures.push_back(sign_note(key, note.text));
  return note_bytes(note);
}

absl::StatusOr<OpenCheckpoint> open_checkpoint(std::string_view bytes, const Trust& trust) {
  auto note = parse_note(bytes);
  if (!note.ok()) return note.status();
  auto checkpoint = parse_checkpoint(note->text);
  if (!checkpoint.ok()) return checkpoint.status();
  std::vector<VerifierKey> known;
  std::copy_if(trust.logs.begin(), trust.logs.end(), std::back_inserter(known),
               [&](const VerifierKey& key) { return key.name == checkpoint->origin && key.type == KeyType::kEd25519; });
  if (known.empty())
    return absl::InvalidArgumentError("checkpoint of " + shown(checkpoint->origin) + ": no known key is of this log");
  const auto logs_own = verify_note(*note, known);
  if (!logs_own.ok()) return logs_own.status();
  OpenCheckpoint open{*std::move(checkpoint), {}};
  if (!trust.witnesses.empty()) {
    known.insert(known.end(), trust.witnesses.begin(), trust.witnesses.end());
    auto signers = verify_note(*note, known);
    if (!signers.ok()) return signers.status();
    for (NoteSigner& signer : *signers) {
      const bool again = std::any_of(open.witnesses.begin(), open.witnesses.end(),
                                     [&](const NoteSigner& other) { return other.key == signer.key; });
      if (signer.time_s && !again) open.witnesses.push_back(std::move(signer));
    }
  }
  if (open.witnesses.size() < trust.witnesses_needed)
    return absl::InvalidArgumentError("checkpoint of " + shown(open.checkpoint.origin) + ": expected " +
                                      std::to_string(trust.witnesses_needed) + " known witnesses, found " +
                                      std::to_string(open.witnesses.size()));
  return open;
}

}  // namespace harvest::proof

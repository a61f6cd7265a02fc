#include "service/notary/notary.h"

#include <algorithm>
#include <cassert>

#include "absl/strings/str_cat.h"
#include "storage/corpus/atomic_file.h"
#include "storage/proof/note.h"
#include "storage/proof/proof_check.h"

namespace harvest::notary {

absl::StatusOr<std::unique_ptr<Notary>> Notary::open(store::Store& store, std::vector<proof::SignerKey> keys,
                                                     std::string apart) {
  assert(!keys.empty());
  std::unique_ptr<Notary> notary(new Notary(store, std::move(keys), std::move(apart)));
  const auto kept_apart = corpus::read_file(notary->apart_, proof::kNoteBytesMax);
  if (!kept_apart.ok() && !absl::IsNotFound(kept_apart.status())) return kept_apart.status();
  absl::Status extends = notary->recall(store.checkpoint(), "the store's last checkpoint");
  if (extends.ok() && kept_apart.ok()) extends = notary->recall(*kept_apart, notary->apart_);
  if (!extends.ok()) return extends;
  return notary;
}

absl::Status Notary::recall(const std::string& kept, const std::string& where) {
  if (kept.empty()) return absl::OkStatus();
  const auto note = proof::parse_note(kept);
  if (!note.ok()) return absl::DataLossError(absl::StrCat(where, ": ", note.status().message()));
  auto last = proof::parse_checkpoint(note->text);
  if (!last.ok()) return absl::DataLossError(absl::StrCat(where, ": ", last.status().message()));
  if (last->origin != key().name)
    return absl::FailedPreconditionError(absl::StrCat("log.name: found ", key().name, ", expected ", last->origin,
                                                      ", the name under which this store's log was signed"));
  // The one in the store is written first: where the other is behind, it has nothing more to say.
  if (any_ && last->size < last_.size) return absl::OkStatus();
  std::vector<proof::VerifierKey> ours;
  for (const proof::SignerKey& key : keys_) ours.push_back(key.verifier());
  const auto signers = proof::verify_note(*note, ours);
  by_all_keys_ = signers.ok() && signers->size() == ours.size();
  any_ = true;
  last_ = *std::move(last);
  if (absl::Status extends = prove_extension(store_.log()); !extends.ok()) return extends;
  shown_ = {kept, last_.size};
  return absl::OkStatus();
}

absl::Status Notary::prove_extension(const proof::RightEdge& log) const {
  if (log.size() < last_.size)
    return absl::DataLossError(absl::StrCat("the log has ", log.size(), " entries, its last checkpoint was signed for ",
                                            last_.size,
                                            ": found an older store, expected one that goes on from there"));
  const auto proof = store_.log_consistency(last_.size, log.size());
  if (!proof.ok()) return proof.status();
  if (!proof::proves_consistency(last_.size, last_.root, log.size(), log.root(), *proof))
    return absl::DataLossError(
        absl::StrCat("the log's first ", last_.size, " entries are not those that its last checkpoint was signed for"));
  return absl::OkStatus();
}

absl::Status Notary::sign() {
  const std::lock_guard lock(signing_);
  if (!broken_.ok()) return broken_;
  const proof::RightEdge log = store_.log();
  if (any_ && by_all_keys_ && log.size() == last_.size) return absl::OkStatus();
  if (any_) {
    if (absl::Status extends = prove_extension(log); !extends.ok()) {
      if (absl::IsDataLoss(extends)) broken_ = extends;  // a disk that cannot be read just now may be well again
      return extends;
    }
  }
  const proof::Checkpoint next{key().name, log.size(), log.root(), {}};
  proof::Note note{proof::checkpoint_text(next), {}};
  for (const proof::SignerKey& key : keys_) note.signatures.push_back(proof::sign_note(key, note.text));
  std::string bytes = proof::note_bytes(note);
  if (absl::Status kept = keep(next, bytes); !kept.ok()) return kept;
  const std::lock_guard shown(mutex_);
  shown_ = {std::move(bytes), next.size};
  return absl::OkStatus();
}

absl::Status Notary::keep(const proof::Checkpoint& checkpoint, const std::string& note) {
  if (auto kept = store_.apply_and_wait(store::PutCheckpoint{checkpoint.size, note}); !kept.ok()) return kept.status();
  any_ = true;
  last_ = checkpoint;
  const absl::Status apart = corpus::write_file_atomically(apart_, note);
  by_all_keys_ = apart.ok();  // else this size is signed once more: the same text, and so the same bytes
  return apart;
}

Notary::Signed Notary::checkpoint() const {
  const std::lock_guard lock(mutex_);
  return shown_;
}

}  // namespace harvest::notary

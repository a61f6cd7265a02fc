#include "service/notary/notary.h"

#include <algorithm>
#include <cassert>

#include "absl/strings/str_cat.h"
#include "storage/proof/note.h"
#include "storage/proof/proof_check.h"

namespace harvest::notary {

absl::StatusOr<std::unique_ptr<Notary>> Notary::open(store::Store& store, std::vector<proof::SignerKey> keys) {
  assert(!keys.empty());
  std::unique_ptr<Notary> notary(new Notary(store, std::move(keys)));
  if (absl::Status status = notary->recall_last(); !status.ok()) return status;
  return notary;
}

absl::Status Notary::recall_last() {
  const std::string kept = store_.checkpoint();
  if (kept.empty()) return absl::OkStatus();
  const auto note = proof::parse_note(kept);
  if (!note.ok()) return absl::DataLossError(absl::StrCat("the store's last checkpoint: ", note.status().message()));
  auto last = proof::parse_checkpoint(note->text);
  if (!last.ok()) return absl::DataLossError(absl::StrCat("the store's last checkpoint: ", last.status().message()));
  if (last->origin != key().name)
    return absl::FailedPreconditionError(absl::StrCat("log.name: found ", key().name, ", expected ", last->origin,
                                                      ", the name under which this store's log was signed"));
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
  proof::Checkpoint next{key().name, log.size(), log.root(), {}};
  proof::Note note{proof::checkpoint_text(next), {}};
  for (const proof::SignerKey& key : keys_) note.signatures.push_back(proof::sign_note(key, note.text));
  std::string bytes = proof::note_bytes(note);
  if (auto kept = store_.apply_and_wait(store::PutCheckpoint{next.size, bytes}); !kept.ok()) return kept.status();
  any_ = by_all_keys_ = true;
  last_ = std::move(next);
  const std::lock_guard shown(mutex_);
  shown_ = {std::move(bytes), last_.size};
  return absl::OkStatus();
}

Notary::Signed Notary::checkpoint() const {
  const std::lock_guard lock(mutex_);
  return shown_;
}

}  // namespace harvest::notary

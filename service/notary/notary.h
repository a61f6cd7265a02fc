#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/proof/checkpoint.h"
#include "storage/proof/note_key.h"
#include "storage/store/store.h"

namespace harvest::notary {

/// Signs checkpoints of the store's log, each durable before it is shown, and none that does not extend the one before:
///
///     the log grew → does its tree begin with the last checkpoint's? → sign → PutCheckpoint, synced → checkpoint()
///
/// Any thread; signing waits for the disk. Once the tree does not extend what was signed, it never signs again in this
/// process.
class Notary {
 public:
  /// `keys`: one at least, all of the log's name; each signs. `apart`: a file in which the newest checkpoint is kept as
  /// well, outside the store: so a store of before that is put back is found out.
  /// FAILED_PRECONDITION: the last checkpoint is of a log of another name; DATA_LOSS: the log does not extend it.
  /// `store` outlives it.
  static absl::StatusOr<std::unique_ptr<Notary>> open(store::Store& store, std::vector<proof::SignerKey> keys,
                                                      std::string apart);

  /// Signs what the log has come to. Nothing happens where that is signed already. DATA_LOSS as above; else the disk's
  /// error, and the next call tries again.
  absl::Status sign();

  /// The newest that is on disk, a note's bytes, and its size; empty before the first.
  struct Signed {
    std::string note;
    uint64_t size = 0;
  };
  Signed checkpoint() const;
  const proof::VerifierKey& key() const { return keys_.front().verifier(); }

 private:
  Notary(store::Store& store, std::vector<proof::SignerKey> keys, std::string apart)
      : store_(store), keys_(std::move(keys)), apart_(std::move(apart)) {}
  absl::Status recall(const std::string& kept, const std::string& where);
  absl::Status keep(const proof::Checkpoint& checkpoint, const std::string& note);
  absl::Status prove_extension(const proof::RightEdge& log) const;

  store::Store& store_;
  const std::vector<proof::SignerKey> keys_;
  const std::string apart_;

  std::mutex signing_;        // held from reading the log to its checkpoint's being kept; guards what follows
  bool by_all_keys_ = false;  // the last checkpoint is signed by each of our keys
  bool any_ = false;
  proof::Checkpoint last_;
  absl::Status broken_;

  mutable std::mutex mutex_;  // guards shown_
  Signed shown_;
};

}  // namespace harvest::notary

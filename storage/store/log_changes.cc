#include <cassert>

#include "absl/strings/str_cat.h"
#include "storage/corpus/log_entry.h"
#include "storage/store/changes.h"

namespace harvest::store {

absl::Status apply(Group& group, const LogCommand& change, Applied& applied) {
  assert(change.salt.size() == 32);
  applied.number = group.log(corpus::command_entry(change.command, change.salt));
  const std::string row = change.salt + corpus::command_record(change.command);
  group.put(Family::kDefault, keys::command(applied.number), rocksdb::Slice(row));
  return absl::OkStatus();
}

absl::Status apply(Group& group, const PutCheckpoint& change, Applied& applied) {
  (void)applied;
  Table<char, Checkpoint>& checkpoints = group.state().checkpoint;
  const Checkpoint* kept = checkpoints.find(keys::kCheckpoint);
  const uint64_t size = group.state().log.find(keys::kEntry)->size();
  if (change.size > size || (kept != nullptr && change.size < kept->size))
    return absl::FailedPreconditionError(absl::StrCat("a checkpoint of ", change.size, " entries: the log has ", size,
                                                      ", the one that is kept ", kept == nullptr ? 0 : kept->size));
  checkpoints.edit_or_create(keys::kCheckpoint) = {change.size, change.note};
  group.must_sync();
  return absl::OkStatus();
}

}  // namespace harvest::store

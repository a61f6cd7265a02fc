#include "storage/store/changes.h"

namespace harvest::store {

absl::Status apply(Group& group, const PutBatch& change, Applied& applied) {
  Table<uint64_t, v1::Batch>& batches = group.state().batches;
  batches.edit_or_create(change.batch.number()) = change.batch;
  applied.number = change.batch.number();
  group.must_sync();
  return absl::OkStatus();
}

}  // namespace harvest::store

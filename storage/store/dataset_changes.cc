#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/store/changes.h"

namespace harvest::store {

absl::Status apply(Group& group, const CloseSegment& change, Applied& applied) {
  State& state = group.state();
  const v1::DatasetRecord* stored = state.datasets.find(change.dataset);
  if (stored == nullptr) return absl::NotFoundError(absl::StrCat("there is no dataset ", change.dataset));
  if (stored->closed() == stored->pairs()) return absl::OkStatus();
  v1::DatasetRecord& dataset = *state.datasets.edit(change.dataset);
  v1::Segment segment;
  segment.set_number(dataset.segments() + 1);
  segment.set_first(dataset.closed());
  segment.set_end(dataset.pairs());
  segment.set_closed_at_us(change.at_us);
  segment.set_cause(change.cause);
  group.put(Family::kDefault, keys::segment(dataset.number(), segment.number()), segment);
  if (!dataset.has_view() && !change.view.name().empty()) *dataset.mutable_view() = change.view;
  dataset.set_segments(segment.number());
  dataset.set_closed(dataset.pairs());
  dataset.set_open_since_us(0);
  dataset.set_open_bytes(0);
  applied.number = segment.number();
  applied.count = segment.end() - segment.first();
  group.must_sync();
  return absl::OkStatus();
}

absl::Status apply(Group& group, const PublishVersion& change, Applied& applied) {
  State& state = group.state();
  const v1::DatasetRecord* stored = state.datasets.find(change.dataset);
  if (stored == nullptr) return absl::NotFoundError(absl::StrCat("there is no dataset ", change.dataset));
  if (change.version != stored->version() + 1) {
    return absl::FailedPreconditionError(absl::StrCat("dataset ", change.dataset, " is at version ", stored->version(),
                                                      ": the next is not ", change.version));
  }
  for (const v1::Segment& segment : change.segments) {
    if (segment.number() == 0 || segment.number() > stored->segments()) {
      return absl::FailedPreconditionError(
          absl::StrCat("dataset ", change.dataset, " has no closed segment ", segment.number()));
    }
  }
  v1::DatasetRecord& dataset = *state.datasets.edit(change.dataset);
  for (const v1::Segment& segment : change.segments) {
    group.put(Family::kDefault, keys::segment(dataset.number(), segment.number()), segment);
    dataset.set_cut(std::max(dataset.cut(), segment.number()));
  }
  group.put(Family::kDefault, keys::manifest(dataset.number(), change.version), rocksdb::Slice(change.manifest));
  dataset.set_version(change.version);
  *dataset.mutable_view() = change.view;
  applied.number = change.version;
  group.must_sync();
  return absl::OkStatus();
}

}  // namespace harvest::store

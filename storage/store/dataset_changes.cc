#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/corpus/log_entry.h"
#include "storage/store/changes.h"

namespace harvest::store {
namespace {

/// Where the shards of such a cut stand, behind those of all segments: what a merge replaces stays, for the versions
/// that list it.
constexpr uint64_t kCutAgain = uint64_t{1} << 63;

/// Segments that are cut already are cut once more: merged, or what had waited in them. Nothing else may come with it.
bool comes_again(const PublishVersion& change, const v1::ViewRecord& published) {
  return published.view().shards() == 0 && change.cuts.size() == 1 && published.version() > 0 &&
         change.cuts[0].segment() > 0 && change.cuts[0].segment() == published.cut();
}

}  // namespace

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
  dataset.set_segments(segment.number());
  dataset.set_closed(dataset.pairs());
  dataset.set_open_since_us(0);
  dataset.set_open_bytes(0);
  applied.number = segment.number();
  applied.count = segment.end() - segment.first();
  group.must_sync();
  return absl::OkStatus();
}

absl::Status apply(Group& group, const AddView& change, Applied& applied) {
  State& state = group.state();
  const v1::DatasetRecord* stored = state.datasets.find(change.dataset);
  if (stored == nullptr) return absl::NotFoundError(absl::StrCat("there is no dataset ", change.dataset));
  const v1::ViewRecord* known = view_of(*stored, change.view.name());
  if (known != nullptr && known->version() > 0)
    return absl::FailedPreconditionError(
        absl::StrCat("dataset ", change.dataset, " has published a view ", change.view.name(), " already"));
  const int place = known == nullptr ? stored->views_size() : static_cast<int>(known->number()) - 1;
  v1::DatasetRecord& dataset = *state.datasets.edit(change.dataset);
  v1::ViewRecord& view = known == nullptr ? *dataset.add_views() : *dataset.mutable_views(place);
  *view.mutable_view() = change.view;
  view.set_number(static_cast<uint32_t>(place) + 1);  // views are never taken away
  applied.number = view.number();
  group.must_sync();
  return absl::OkStatus();
}

absl::Status apply(Group& group, const PublishVersion& change, Applied& applied) {
  State& state = group.state();
  const v1::DatasetRecord* stored = state.datasets.find(change.dataset);
  if (stored == nullptr) return absl::NotFoundError(absl::StrCat("there is no dataset ", change.dataset));
  const v1::ViewRecord* published = view_of(*stored, change.view);
  if (published == nullptr)
    return absl::NotFoundError(absl::StrCat("dataset ", change.dataset, " has no view ", change.view));
  if (change.version != published->version() + 1)
    return absl::FailedPreconditionError(absl::StrCat("view ", change.view, " of dataset ", change.dataset,
                                                      " is at version ", published->version(), ": the next is not ",
                                                      change.version));
  const bool snapshot = published->view().shards() > 0;
  const bool whole = snapshot || published->view().complete_only();
  const bool again = comes_again(change, *published);
  uint64_t last = published->cut();
  for (const v1::Cut& cut : change.cuts) {
    if (again) break;
    const uint64_t next = whole ? std::max(last + 1, cut.segment()) : last + 1;
    if (cut.segment() != next || next > stored->segments())
      return absl::FailedPreconditionError(absl::StrCat("segment ", cut.segment(), " of dataset ", change.dataset,
                                                        " is not the next to be cut for view ", change.view));
    last = next;
  }
  v1::DatasetRecord& dataset = *state.datasets.edit(change.dataset);
  v1::ViewRecord& view = *dataset.mutable_views(static_cast<int>(published->number()) - 1);
  bool replaces = snapshot && view.version() > 0;
  for (const v1::Cut& cut : change.cuts) {
    for (const v1::Shard& shard : cut.shards()) group.log(corpus::shard_entry(change.dataset, change.view, shard));
    if (cut.has_watermarks()) *view.mutable_watermarks() = cut.watermarks();
    replaces |= again && !cut.has_watermarks();
    group.put(Family::kDefault,
              keys::cut(dataset.number(), view.number(), again ? kCutAgain + change.version : cut.segment()), cut);
  }
  group.put(Family::kDefault, keys::manifest(dataset.number(), view.number(), change.version),
            rocksdb::Slice(change.manifest));
  group.log(corpus::manifest_entry(change.dataset, change.view, change.version, change.manifest));
  view.set_cut(last);
  if (replaces) view.set_major(view.major() + 1);
  view.set_version(change.version);
  applied.number = change.version;
  group.must_sync();
  return absl::OkStatus();
}

}  // namespace harvest::store

#include "service/publish/publisher.h"

#include "absl/strings/str_cat.h"
#include "service/publish/filter_check.h"
#include "service/publish/submission_order.h"
#include "service/publish/view.h"
#include "service/publish/view_compactor.h"
#include "storage/corpus/dataset_name.h"
#include "storage/corpus/manifest.h"
#include "storage/corpus/shard_packing.h"

namespace harvest::publish {
namespace {

/// So many ages a range may stay open that is smaller than segments should be.
constexpr int64_t kAgesOfSmall = 12;

/// Of several failures: the first one's code, all messages.
void join(absl::Status& all, const absl::Status& one) {
  if (one.ok()) return;
  all = all.ok() ? one : absl::Status(all.code(), absl::StrCat(all.message(), "; ", one.message()));
}

absl::Status about(const std::string& dataset, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("dataset ", dataset, ": ", status.message()));
}

absl::StatusOr<v1::ViewStatus> status_of(const store::Store& store, const std::string& dataset,
                                         const v1::ViewRecord& view) {
  const auto latest = latest_manifest(store, dataset, view);
  if (!latest.ok()) return latest.status();
  v1::ViewStatus status;
  *status.mutable_record() = view;
  status.set_rows(latest->manifest.rows());
  status.set_shards(static_cast<uint64_t>(latest->manifest.shards_size()));
  for (const v1::Shard& shard : latest->manifest.shards()) status.set_bytes(status.bytes() + shard.bytes());
  if (!latest->json.empty()) status.set_manifest_sha256(corpus::manifest_sha256(latest->json));
  return status;
}

/// The view is there, as it is to be.
bool stands(const v1::DatasetRecord& dataset, const v1::View& view) {
  const v1::ViewRecord* record = store::view_of(dataset, view.name());
  return record != nullptr && record->view().SerializeAsString() == view.SerializeAsString();
}

}  // namespace

Publisher::Publisher(store::Store& store, PublisherOptions options)
    : store_(store), options_(std::move(options)), labels_(store, options_.labeller, options_.decider) {}

bool Publisher::due(const v1::DatasetRecord& dataset, int64_t utc_us) const {
  if (options_.by_command_only || dataset.pairs() == dataset.closed()) return false;
  if (dataset.open_bytes() >= options_.segment_bytes) return true;
  // Crumbs would pile up: what is small waits for more, but not for ever.
  const bool small = dataset.open_bytes() < options_.segment_bytes_min;
  return dataset.open_since_us() > 0 &&
         utc_us - dataset.open_since_us() >= options_.segment_age_us * (small ? kAgesOfSmall : 1);
}

absl::Status Publisher::close_due(const v1::DatasetRecord& dataset, int64_t utc_us) {
  if (!due(dataset, utc_us)) return absl::OkStatus();
  if (dataset.views().empty()) {
    const auto view = settle_view(dataset, v1::View());
    if (!view.ok()) return view.status();
    const absl::Status added = store_.apply_and_wait(store::AddView{dataset.name(), *view}).status();
    if (!added.ok()) return added;
  }
  const char* cause = dataset.open_bytes() >= options_.segment_bytes ? "size" : "age";
  return store_.apply_and_wait(store::CloseSegment{dataset.name(), cause, utc_us}).status();
}

absl::Status Publisher::write_views(const std::string& name, int64_t utc_us) {
  const auto dataset = store_.dataset(name);
  if (!dataset.ok()) return dataset.status();
  absl::Status all;
  for (const v1::ViewRecord& view : dataset->views()) {
    // A snapshot is written anew with all it holds: by command only.
    const bool snapshot = view.view().shards() > 0;
    bool due = !snapshot && (view.cut() < dataset->segments() || waits_in_vain(store_, *dataset, view));
    // All that waits is walked: no more often than segments age.
    if (due && view.view().complete_only()) {
      int64_t& looked = looked_us_[{name, view.view().name()}];
      due = looked == 0 || utc_us - looked >= options_.segment_age_us;
      if (due) looked = utc_us;
    }
    join(all, write_view(name, view, due, utc_us));
  }
  return all;
}

absl::Status Publisher::write_view(const std::string& dataset, const v1::ViewRecord& view, bool due, int64_t utc_us) {
  const std::pair key(dataset, view.view().name());
  const auto listed = listed_.find(key);
  if (!due && listed != listed_.end() && listed->second == view.version()) return absl::OkStatus();
  // A name comes from a job; before it becomes a path it is looked at.
  const absl::Status named = corpus::check_dataset_name(dataset);
  if (!named.ok()) return named;
  ViewWriter writer(store_, options_, dataset, view.view().name());
  if (const auto closed = store_.dataset(dataset); due && closed.ok()) {
    const absl::Status labelled = labels_.label_below(dataset, closed->closed());
    if (!labelled.ok()) return labelled;
  }
  const absl::Status written = due ? writer.write(utc_us) : writer.list();
  const auto now = store_.dataset(dataset);
  if (written.ok() && now.ok()) listed_[key] = store::view_of(*now, view.view().name())->version();
  return written;
}

absl::Status Publisher::tick(int64_t utc_us) {
  std::lock_guard running(running_);
  absl::Status all;
  for (const v1::DatasetRecord& dataset : store_.datasets()) {
    join(all, about(dataset.name(), close_due(dataset, utc_us)));
    join(all, about(dataset.name(), write_views(dataset.name(), utc_us)));
  }
  return all;
}

/// Before anything is closed or fixed: is there what it needs, and does its filter let anything through?
absl::Status Publisher::check_new(const v1::DatasetRecord& dataset, const v1::View& view) const {
  const auto format = corpus::parse_format(view.format());
  if (!format.ok()) return format.status();
  const absl::Status ready = corpus::check_packing(*format);
  return ready.ok() ? check_passes(store_, dataset, view.where()) : ready;
}

absl::StatusOr<v1::DatasetStatus> Publisher::publish(const std::string& name, const v1::View& asked, int64_t utc_us) {
  absl::Status status = corpus::check_dataset_name(name);
  if (!status.ok()) return status;
  auto dataset = store_.dataset(name);
  if (!dataset.ok()) return dataset.status();
  auto view = settle_view(*dataset, asked);
  if (!view.ok()) return view.status();
  if (dataset->pairs() == 0)
    return absl::FailedPreconditionError(
        absl::StrCat("dataset ", name, " has no pairs yet: there is nothing to publish"));
  // May read all pairs: nobody waits for it. A filter may ask about labels.
  status = labels_.label_below(name, dataset->pairs());
  if (!status.ok()) return status;
  if (!stands(*dataset, *view)) status = check_new(*dataset, *view);
  if (!status.ok()) return status;

  std::lock_guard running(running_);
  dataset = store_.dataset(name);
  if (!dataset.ok()) return dataset.status();
  view = settle_view(*dataset, asked);  // another command may have come between
  if (!view.ok()) return view.status();
  if (!stands(*dataset, *view)) status = store_.apply_and_wait(store::AddView{name, *view}).status();
  if (status.ok()) status = store_.apply_and_wait(store::CloseSegment{name, "command", utc_us}).status();
  if (!status.ok()) return status;
  dataset = store_.dataset(name);
  if (!dataset.ok()) return dataset.status();
  const v1::ViewRecord& record = *store::view_of(*dataset, view->name());
  status = write_view(name, record, record.cut() < dataset->segments() || view->complete_only(), utc_us);
  dataset = store_.dataset(name);
  if (status.ok() && dataset.ok() && store::view_of(*dataset, view->name())->version() == 0)
    status = absl::FailedPreconditionError(
        absl::StrCat("view ", view->name(),
                     " holds prompts in the order of submission, and the first has not ended yet "
                     "at every teacher: there is nothing to publish"));
  if (!status.ok()) return about(name, status);
  return this->status(name);
}

absl::StatusOr<v1::DatasetStatus> Publisher::compact(const std::string& name, const std::string& view, int64_t utc_us) {
  const absl::Status named = corpus::check_dataset_name(name);
  if (!named.ok()) return named;
  std::lock_guard running(running_);
  const std::string meant = view.empty() ? kDefaultView : view;
  ViewCompactor compactor(store_, options_, name, meant);
  const auto rewrite = compactor.merge(utc_us);
  if (!rewrite.ok()) return about(name, rewrite.status());
  absl::Status status = rewrite->has_value() ? compactor.commit(**rewrite) : absl::OkStatus();
  if (status.ok()) status = ViewWriter(store_, options_, name, meant).list();
  if (!status.ok()) return about(name, status);
  return this->status(name);
}

absl::Status Publisher::recover_dataset(const v1::DatasetRecord& dataset) {
  const absl::Status named = corpus::check_dataset_name(dataset.name());
  if (!named.ok()) return named;
  absl::Status all;
  for (const v1::ViewRecord& view : dataset.views()) {
    const ViewFiles place = files(dataset.name(), view.view().name());
    ViewWriter writer(store_, options_, dataset.name(), view.view().name());
    absl::Status status = place.make();
    if (status.ok()) status = place.clean();
    if (status.ok()) status = writer.restore_versions();
    if (status.ok()) status = writer.list();
    join(all, status);
  }
  return all;
}

absl::Status Publisher::recover() {
  std::lock_guard running(running_);
  listed_.clear();
  absl::Status all;
  for (const v1::DatasetRecord& dataset : store_.datasets()) join(all, about(dataset.name(), recover_dataset(dataset)));
  return all;
}

absl::StatusOr<v1::DatasetStatus> Publisher::status(const std::string& name) const {
  auto dataset = store_.dataset(name);
  if (!dataset.ok()) return dataset.status();
  v1::DatasetStatus status;
  status.set_open_pairs(dataset->pairs() - dataset->closed());
  status.set_directory(files(name, kDefaultView).directory());
  for (const v1::ViewRecord& view : dataset->views()) {
    auto one = status_of(store_, name, view);
    if (!one.ok()) return one.status();
    *status.add_views() = *std::move(one);
  }
  *status.mutable_record() = *std::move(dataset);
  return status;
}

}  // namespace harvest::publish

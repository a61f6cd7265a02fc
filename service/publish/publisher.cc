#include "service/publish/publisher.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "service/publish/record_renderer.h"
#include "service/publish/view.h"
#include "storage/corpus/columns.h"
#include "storage/corpus/dataset_name.h"
#include "storage/corpus/manifest.h"
#include "storage/corpus/record.h"
#include "storage/corpus/where.h"

namespace harvest::publish {
namespace {

constexpr size_t kPairsPerLook = 256;

/// Of several failures: the first one's code, all messages.
void join(absl::Status& all, const absl::Status& one) {
  if (one.ok()) return;
  all = all.ok() ? one : absl::Status(all.code(), absl::StrCat(all.message(), "; ", one.message()));
}

absl::Status about(const std::string& dataset, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("dataset ", dataset, ": ", status.message()));
}

/// The manifest that the next version grows from; an empty one before the first.
absl::StatusOr<v1::Manifest> read_manifest(const store::Store& store, const v1::DatasetRecord& dataset,
                                           std::string& json) {
  if (dataset.version() == 0) return v1::Manifest();
  auto bytes = store.manifest(dataset.name(), dataset.version());
  if (!bytes.ok()) return bytes.status();
  json = *std::move(bytes);
  return corpus::parse_manifest(json);
}

}  // namespace

Publisher::Publisher(store::Store& store, PublisherOptions options) : store_(store), options_(std::move(options)) {}

absl::Status Publisher::close(const std::string& name, std::string_view cause, const v1::View& view, int64_t utc_us) {
  return store_.apply_and_wait(store::CloseSegment{name, std::string(cause), utc_us, view}).status();
}

absl::StatusOr<std::vector<SegmentCutter::Cut>> Publisher::cut(const std::string& name, const v1::View& view,
                                                               int64_t utc_us) {
  const auto format = corpus::parse_format(view.format());
  if (!format.ok()) return format.status();
  auto where = corpus::Where::parse(view.where());
  if (!where.ok()) return where.status();
  const auto dataset = store_.dataset(name);
  if (!dataset.ok()) return dataset.status();
  const DatasetFiles place = files(name);
  const absl::Status made = place.make();
  if (!made.ok()) return made;
  const ExportGate gate(store_, corpus::utc_date(utc_us));
  SegmentCutter cutter(store_, gate, name, place.shards(), *format, *std::move(where), options_.bounds);
  std::vector<SegmentCutter::Cut> cuts;
  for (const v1::Segment& segment : store_.segments(name, dataset->cut() + 1)) {
    auto done = cutter.cut(segment);
    if (!done.ok()) return done.status();
    cuts.push_back(*std::move(done));
  }
  return cuts;
}

absl::Status Publisher::commit(const std::string& name, std::vector<SegmentCutter::Cut> cuts, const v1::View& view,
                               int64_t utc_us) {
  const auto dataset = store_.dataset(name);
  if (!dataset.ok()) return dataset.status();
  std::string parent;
  auto manifest = read_manifest(store_, *dataset, parent);
  if (!manifest.ok()) return manifest.status();
  manifest->set_dataset(name);
  manifest->set_view(view.name());
  manifest->set_version(dataset->version() + 1);
  manifest->set_parent_sha256(parent.empty() ? "" : corpus::manifest_sha256(parent));
  manifest->set_kind("append");
  manifest->set_format(view.format());
  manifest->set_schema_sha256(corpus::schema_sha256());
  manifest->set_created_at(corpus::utc_text(utc_us));
  manifest->set_where(view.where());
  manifest->set_tenant(dataset->tenant());
  manifest->set_service_version(options_.service_version);
  store::PublishVersion change;
  for (SegmentCutter::Cut& cut : cuts) {
    for (const v1::Shard& shard : cut.segment.shards()) {
      manifest->set_rows(manifest->rows() + shard.rows());
      *manifest->add_shards() = shard;
    }
    for (const auto& [rule, rows] : cut.dropped) (*manifest->mutable_dropped())[rule] += rows;
    change.segments.push_back(std::move(cut.segment));
  }
  change.dataset = name;
  change.view = view;
  change.version = manifest->version();
  change.manifest = corpus::manifest_json(*manifest);
  uint64_t shards = 0;
  for (const v1::Segment& segment : change.segments) shards += static_cast<uint64_t>(segment.shards_size());
  absl::Status committed = store_.apply_and_wait(std::move(change)).status();
  if (committed.ok() && options_.sealed) options_.sealed(shards);
  return committed;
}

absl::Status Publisher::list(const std::string& name) {
  const auto dataset = store_.dataset(name);
  if (!dataset.ok()) return dataset.status();
  if (dataset->version() == 0 || listed_[name] == dataset->version()) return absl::OkStatus();
  std::string json;
  const auto manifest = read_manifest(store_, *dataset, json);
  if (!manifest.ok()) return manifest.status();
  const DatasetFiles place = files(name);
  absl::Status status = place.make();
  if (status.ok() && !place.lists(*manifest, json)) status = place.write_listing(*manifest, json);
  if (status.ok()) listed_[name] = dataset->version();
  return status;
}

absl::Status Publisher::publish_closed(const v1::DatasetRecord& dataset, const v1::View& view, int64_t utc_us) {
  // A name comes from a job; before it becomes a path it is looked at.
  const absl::Status named = corpus::check_dataset_name(dataset.name());
  if (!named.ok()) return named;
  if (dataset.cut() < dataset.segments()) {
    auto cuts = cut(dataset.name(), view, utc_us);
    if (!cuts.ok()) return cuts.status();
    const absl::Status committed = commit(dataset.name(), *std::move(cuts), view, utc_us);
    if (!committed.ok()) return committed;
  }
  return list(dataset.name());
}

bool Publisher::due(const v1::DatasetRecord& dataset, int64_t utc_us) const {
  if (options_.by_command_only || dataset.pairs() == dataset.closed()) return false;
  return dataset.open_bytes() >= options_.segment_bytes ||
         (dataset.open_since_us() > 0 && utc_us - dataset.open_since_us() >= options_.segment_age_us);
}

absl::Status Publisher::serve(const v1::DatasetRecord& dataset, int64_t utc_us) {
  if (due(dataset, utc_us)) {
    const auto view = settle_view(dataset, v1::View());
    if (!view.ok()) return view.status();
    const char* cause = dataset.open_bytes() >= options_.segment_bytes ? "size" : "age";
    const absl::Status closed = close(dataset.name(), cause, *view, utc_us);
    if (!closed.ok()) return closed;
  }
  const auto now = store_.dataset(dataset.name());
  if (!now.ok()) return now.status();
  const auto view = settle_view(*now, v1::View());
  if (!view.ok()) return view.status();
  return publish_closed(*now, *view, utc_us);
}

absl::Status Publisher::tick(int64_t utc_us) {
  std::lock_guard running(running_);
  absl::Status all;
  for (const v1::DatasetRecord& dataset : store_.datasets()) join(all, about(dataset.name(), serve(dataset, utc_us)));
  return all;
}

absl::Status Publisher::check_passes(const v1::DatasetRecord& dataset, const std::string& filter) const {
  const auto where = corpus::Where::parse(filter);
  if (!where.ok() || where->all()) return where.status();
  corpus::Row row(where->columns());
  RecordRenderer renderer(store_);
  std::string line;
  for (uint64_t next = 0; next < dataset.pairs();) {
    const auto pairs = store_.pairs(dataset.name(), next, kPairsPerLook);
    if (pairs.empty()) break;
    for (const auto& pair : pairs) {
      line.clear();
      const auto readable = renderer.append(pair, line);
      if (!readable.ok()) return readable.status();
      if (*readable && row.read(line).ok() && where->admits(row)) return absl::OkStatus();
    }
    next = pairs.back().sequence + 1;
  }
  return absl::FailedPreconditionError(absl::StrCat("no pair passes the filter ", filter, ", of ", dataset.pairs(),
                                                    " that have arrived: nothing is published"));
}

absl::StatusOr<v1::DatasetStatus> Publisher::publish(const std::string& name, const v1::View& view, int64_t utc_us) {
  std::lock_guard running(running_);
  absl::Status status = corpus::check_dataset_name(name);
  if (!status.ok()) return status;
  auto dataset = store_.dataset(name);
  if (!dataset.ok()) return dataset.status();
  const auto settled = settle_view(*dataset, view);
  if (!settled.ok()) return settled.status();
  if (dataset->pairs() == 0)
    return absl::FailedPreconditionError(
        absl::StrCat("dataset ", name, " has no pairs yet: there is nothing to publish"));
  // Before anything is closed: a filter that is too narrow, or mistyped in a value, fixes nothing.
  if (!is_fixed(*dataset)) status = check_passes(*dataset, settled->where());
  if (status.ok()) status = close(name, "command", *settled, utc_us);
  if (!status.ok()) return status;
  dataset = store_.dataset(name);
  if (!dataset.ok()) return dataset.status();
  status = publish_closed(*dataset, *settled, utc_us);
  if (!status.ok()) return about(name, status);
  return this->status(name);
}

absl::Status Publisher::restore_versions(const v1::DatasetRecord& dataset) const {
  const DatasetFiles place = files(dataset.name());
  for (uint64_t version = 1; version <= dataset.version(); ++version) {
    const auto json = store_.manifest(dataset.name(), version);
    if (!json.ok()) return json.status();
    const absl::Status kept = place.keep_version(version, *json);
    if (!kept.ok()) return kept;
  }
  return absl::OkStatus();
}

absl::Status Publisher::recover(int64_t utc_us) {
  std::lock_guard running(running_);
  listed_.clear();
  absl::Status all;
  for (const v1::DatasetRecord& dataset : store_.datasets()) {
    const DatasetFiles place = files(dataset.name());
    absl::Status status = corpus::check_dataset_name(dataset.name());
    if (status.ok()) status = place.make();
    if (status.ok()) status = place.clean();
    if (status.ok()) status = restore_versions(dataset);
    if (status.ok()) {
      const auto view = settle_view(dataset, v1::View());
      status = view.ok() ? publish_closed(dataset, *view, utc_us) : view.status();
    }
    join(all, about(dataset.name(), status));
  }
  return all;
}

absl::StatusOr<v1::DatasetStatus> Publisher::status(const std::string& name) const {
  auto dataset = store_.dataset(name);
  if (!dataset.ok()) return dataset.status();
  std::string json;
  const auto manifest = read_manifest(store_, *dataset, json);
  if (!manifest.ok()) return manifest.status();
  v1::DatasetStatus status;
  status.set_open_pairs(dataset->pairs() - dataset->closed());
  status.set_published_rows(manifest->rows());
  for (const v1::Shard& shard : manifest->shards())
    status.set_published_bytes(status.published_bytes() + shard.bytes());
  status.set_shards(static_cast<uint64_t>(manifest->shards_size()));
  if (!json.empty()) status.set_manifest_sha256(corpus::manifest_sha256(json));
  status.set_directory(files(name).directory());
  *status.mutable_record() = *std::move(dataset);
  return status;
}

}  // namespace harvest::publish

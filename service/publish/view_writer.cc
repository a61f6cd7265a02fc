#include "service/publish/view_writer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "service/publish/coverage.h"
#include "service/publish/export_gate.h"
#include "service/publish/row_maker.h"
#include "service/publish/snapshot_cutter.h"
#include "service/publish/submission_order.h"
#include "service/publish/view.h"
#include "storage/corpus/manifest.h"
#include "storage/corpus/profile.h"
#include "storage/corpus/record.h"

namespace harvest::publish {
namespace {

/// A view that has far to catch up keeps what it has: so much of it may be cut again after a failure.
constexpr size_t kSegmentsPerVersion = 16;

}  // namespace

absl::StatusOr<LatestManifest> latest_manifest(const store::Store& store, const std::string& dataset,
                                               const v1::ViewRecord& view) {
  if (view.version() == 0) return LatestManifest();
  auto bytes = store.manifest(dataset, view.view().name(), view.version());
  if (!bytes.ok()) return bytes.status();
  auto manifest = corpus::parse_manifest(*bytes);
  if (!manifest.ok()) return manifest.status();
  return LatestManifest{*std::move(manifest), *std::move(bytes)};
}

absl::StatusOr<ViewWriter::Standing> ViewWriter::standing() const {
  auto dataset = store_.dataset(dataset_);
  if (!dataset.ok()) return dataset.status();
  const v1::ViewRecord* view = store::view_of(*dataset, view_);
  if (view == nullptr) return absl::NotFoundError(absl::StrCat("dataset ", dataset_, " has no view ", view_));
  v1::ViewRecord record = *view;
  return Standing{*std::move(dataset), std::move(record)};
}

absl::Status ViewWriter::write(int64_t utc_us) {
  while (true) {  // ends: each round cuts what is left, or some of it
    const auto now = standing();
    if (!now.ok()) return now.status();
    const bool in_order = now->view.view().complete_only();
    if (now->view.cut() >= now->dataset.segments() && !in_order) return list();
    const auto cuts = cut(utc_us);
    if (!cuts.ok()) return cuts.status();
    // What is left waits for queries that have not ended.
    if (in_order && cuts->front().shards().empty() && cuts->front().dropped().empty()) return list();
    absl::Status status = commit(*cuts, utc_us);
    if (status.ok()) status = list();
    if (!status.ok()) return status;
  }
}

absl::StatusOr<std::vector<v1::Cut>> ViewWriter::cut(int64_t utc_us) {
  const auto now = standing();
  if (!now.ok()) return now.status();
  const absl::Status made = files_.make();
  if (!made.ok()) return made;
  const v1::View& view = now->view.view();
  const ExportGate gate(store_, corpus::utc_date(utc_us));
  const auto rows = RowMaker::make(store_, gate, view);
  if (!rows.ok()) return rows.status();
  const auto format = corpus::parse_format(view.format());
  if (!format.ok()) return format.status();
  const std::string prefix = view_ == kDefaultView ? dataset_ : absl::StrCat(dataset_, "-", view_);
  std::vector<v1::Cut> cuts;
  if (view.shards() > 0) {
    SnapshotCutter cutter(store_, **rows, dataset_, view, prefix, files_.shards());
    auto whole = cutter.cut(now->dataset.closed(), now->dataset.segments());
    if (!whole.ok()) return whole.status();
    cuts.push_back(*std::move(whole));
    return cuts;
  }
  SegmentCutter cutter(store_, **rows, dataset_, prefix, files_.shards(), *format, options_.bounds);
  if (view.complete_only()) {
    auto next = next_in_order(store_, dataset_, now->view.watermarks());
    if (!next.ok()) return next.status();
    auto whole = cutter.cut(now->dataset.segments(), next->sequences);
    if (!whole.ok()) return whole.status();
    *whole->mutable_watermarks() = std::move(next->watermarks);
    cuts.push_back(*std::move(whole));
    return cuts;
  }
  for (const v1::Segment& segment : store_.segments(dataset_, now->view.cut() + 1)) {
    auto done = cutter.cut(segment);
    if (!done.ok()) return done.status();
    cuts.push_back(*std::move(done));
    if (cuts.size() == kSegmentsPerVersion) break;
  }
  return cuts;
}

absl::Status ViewWriter::commit(const std::vector<v1::Cut>& cuts, int64_t utc_us) {
  const auto now = standing();
  if (!now.ok()) return now.status();
  auto before = latest_manifest(store_, dataset_, now->view);
  if (!before.ok()) return before.status();
  const v1::View& view = now->view.view();
  v1::Manifest& manifest = before->manifest;
  manifest.set_dataset(dataset_);
  manifest.set_view(view.name());
  manifest.set_version(now->view.version() + 1);
  manifest.set_parent_sha256(before->json.empty() ? "" : corpus::manifest_sha256(before->json));
  manifest.set_kind(view.shards() > 0 ? "snapshot" : "append");
  if (view.shards() > 0) {  // lists nothing of the one before
    manifest.clear_shards();
    manifest.clear_dropped();
    manifest.set_rows(0);
    manifest.set_major(now->view.major() + (now->view.version() > 0 ? 1 : 0));
  }
  manifest.set_format(view.format());
  manifest.set_profile(view.profile());
  manifest.set_where(view.prefer().empty() ? view.where() : absl::StrCat(view.where(), "; prefer ", view.prefer()));
  const auto profile = corpus::parse_profile(view.profile());
  if (!profile.ok()) return profile.status();
  manifest.set_schema_sha256(corpus::schema_sha256(*profile));
  manifest.set_created_at(corpus::utc_text(utc_us));
  manifest.set_tenant(now->dataset.tenant());
  manifest.set_service_version(options_.service_version);
  manifest.clear_coverage();
  const v1::Watermarks* const watermarks = cuts.front().has_watermarks() ? &cuts.front().watermarks() : nullptr;
  for (v1::Coverage& job : coverage_of(store_.jobs(), dataset_, watermarks)) *manifest.add_coverage() = std::move(job);
  uint64_t shards = 0;
  for (const v1::Cut& cut : cuts) {
    for (const v1::Shard& shard : cut.shards()) {
      manifest.set_rows(manifest.rows() + shard.rows());
      *manifest.add_shards() = shard;
      ++shards;
    }
    for (const auto& [rule, rows] : cut.dropped()) (*manifest.mutable_dropped())[rule] += rows;
  }
  absl::Status committed = store_
                               .apply_and_wait(store::PublishVersion{.dataset = dataset_,
                                                                     .view = view_,
                                                                     .cuts = cuts,
                                                                     .version = manifest.version(),
                                                                     .manifest = corpus::manifest_json(manifest)})
                               .status();
  if (committed.ok() && options_.sealed) options_.sealed(shards);
  return committed;
}

absl::Status ViewWriter::list() {
  const auto now = standing();
  if (!now.ok()) return now.status();
  if (now->view.version() == 0) return absl::OkStatus();
  const auto latest = latest_manifest(store_, dataset_, now->view);
  if (!latest.ok()) return latest.status();
  const absl::Status made = files_.make();
  if (!made.ok() || files_.lists(latest->manifest, latest->json)) return made;
  return files_.write_listing(latest->manifest, latest->json);
}

absl::Status ViewWriter::restore_versions() {
  const auto now = standing();
  if (!now.ok()) return now.status();
  for (uint64_t version = 1; version <= now->view.version(); ++version) {
    const auto json = store_.manifest(dataset_, view_, version);
    if (!json.ok()) return json.status();
    const absl::Status kept = files_.keep_version(version, *json);
    if (!kept.ok()) return kept;
  }
  return absl::OkStatus();
}

}  // namespace harvest::publish

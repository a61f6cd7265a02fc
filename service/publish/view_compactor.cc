#include "service/publish/view_compactor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "service/publish/view.h"
#include "storage/corpus/line_check.h"
#include "storage/corpus/manifest.h"
#include "storage/corpus/profile.h"
#include "storage/corpus/record.h"
#include "storage/corpus/shard_reader.h"
#include "storage/corpus/shard_writer.h"

namespace harvest::publish {
namespace {

/// What a shard says of all its rows, without what it is as a file.
v1::Shard shared_facts(v1::Shard shard) {
  for (const int field :
       {v1::Shard::kPathFieldNumber, v1::Shard::kBytesFieldNumber, v1::Shard::kSha256FieldNumber,
        v1::Shard::kRawBytesFieldNumber, v1::Shard::kRawSha256FieldNumber, v1::Shard::kRowsFieldNumber,
        v1::Shard::kFirstIdFieldNumber, v1::Shard::kLastIdFieldNumber, v1::Shard::kSegmentFieldNumber})
    v1::Shard::GetReflection()->ClearField(&shard, v1::Shard::descriptor()->FindFieldByNumber(field));
  return shard;
}

/// Every line of a shard with its record's id, to `writer`. Ids in rows that bear none are known of the first and the
/// last alone, and needed of no others.
absl::Status copy_rows(const std::string& path, const v1::Shard& shard, corpus::Profile profile,
                       corpus::ShardWriter& writer) {
  auto reader = corpus::ShardReader::open(path);
  if (!reader.ok()) return reader.status();
  while (true) {
    const auto more = reader->next();
    if (!more.ok()) return more.status();
    if (!*more) break;
    std::string id = corpus::record_id_of(profile, reader->line());
    if (id.empty()) id = reader->rows() == 1 ? shard.first_id() : shard.last_id();
    writer.add(reader->line(), id);
  }
  if (reader->take_raw_sha256() == shard.raw_sha256()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path, ": the rows are not those of its manifest; nothing was replaced"));
}

/// How many record columns the lines of a shard have, which are all alike; those of before had fewer.
absl::StatusOr<size_t> columns_in(const std::string& path) {
  auto reader = corpus::ShardReader::open(path);
  if (!reader.ok()) return reader.status();
  const auto more = reader->next();
  if (!more.ok()) return more.status();
  corpus::LineCheck check;
  if (*more) check.check(reader->line());
  return check.columns();
}

absl::Status check_readable(const v1::View& view) {
  const bool tar_without_ids = view.format() == "webdataset" && view.profile() == "openai";
  if (view.format() != "parquet" && !tar_without_ids) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("view ", view.name(), " has the format ", view.format(),
                   ", whose shards are not read back here: expected jsonl.gz, jsonl.zst, jsonl or webdataset with "
                   "record ids; a view of its own, or a snapshot, has fewer files"));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ViewCompactor::groups(const v1::Manifest& manifest) const {
  std::vector<std::string> groups;
  for (const v1::Shard& shard : manifest.shards()) {
    const auto columns = columns_in(files_.shard(shard.path()));
    if (!columns.ok()) return columns.status();
    // Rows of a shard are under one version of the rights, which the shard itself does not say.
    const auto pair = store_.find_pair(shard.first_id());
    groups.push_back(pair.ok() ? absl::StrCat(pair->pair.pair.rights_version(), "\n", *columns, "\n",
                                              shared_facts(shard).SerializeAsString())
                               : shard.path());
  }
  return groups;
}

absl::StatusOr<v1::Shard> ViewCompactor::write(const v1::Manifest& manifest, const Merge& merge, size_t part) const {
  const auto format = corpus::parse_format(manifest.format());
  if (!format.ok()) return format.status();
  const auto profile = corpus::parse_profile(manifest.profile());
  if (!profile.ok()) return profile.status();
  const std::string prefix = view_ == kDefaultView ? dataset_ : absl::StrCat(dataset_, "-", view_);
  corpus::ShardWriter writer(
      files_.shards(), absl::StrFormat("%s-%06d-%06d-%02d", prefix, merge.first_segment, merge.last_segment, part),
      *format);
  for (const int place : merge.places) {
    const v1::Shard& shard = manifest.shards(place);
    const absl::Status copied = copy_rows(files_.shard(shard.path()), shard, *profile, writer);
    if (!copied.ok()) return copied;
  }
  auto merged = writer.seal();
  if (!merged.ok()) return merged.status();
  merged->MergeFrom(shared_facts(manifest.shards(merge.places.front())));
  merged->set_segment(merge.last_segment);
  return merged;
}

absl::StatusOr<std::optional<ViewCompactor::Rewrite>> ViewCompactor::merge(int64_t utc_us) const {
  const auto dataset = store_.dataset(dataset_);
  if (!dataset.ok()) return dataset.status();
  const v1::ViewRecord* view = store::view_of(*dataset, view_);
  if (view == nullptr) return absl::NotFoundError(absl::StrCat("dataset ", dataset_, " has no view ", view_));
  if (view->version() == 0)
    return absl::FailedPreconditionError(
        absl::StrCat("view ", view_, " has no version yet: there is nothing to merge"));
  if (view->view().shards() > 0)
    return absl::FailedPreconditionError(
        absl::StrCat("view ", view_, " is a snapshot, which has as many shards as it was asked to have"));
  const absl::Status readable = check_readable(view->view());
  if (!readable.ok()) return readable;
  const auto latest = latest_manifest(store_, dataset_, *view);
  if (!latest.ok()) return latest.status();
  const v1::Manifest& before = latest->manifest;
  const auto apart = groups(before);
  if (!apart.ok()) return apart.status();
  const auto merges = plan_compaction(before, *apart, options_.bounds.shard_raw_bytes);
  if (merges.size() == static_cast<size_t>(before.shards_size())) return std::nullopt;

  Rewrite rewrite{before, {}};
  rewrite.merged.set_segment(view->cut());
  rewrite.manifest.clear_shards();
  for (const Merge& merge : merges) {
    v1::Shard* shard = rewrite.manifest.add_shards();
    if (merge.places.size() == 1) {
      *shard = before.shards(merge.places.front());
      continue;
    }
    auto merged = write(before, merge, static_cast<size_t>(rewrite.merged.shards_size()));
    if (!merged.ok()) return merged.status();
    *rewrite.merged.add_shards() = *merged;
    *shard = *std::move(merged);
  }
  rewrite.manifest.set_version(before.version() + 1);
  rewrite.manifest.set_parent_sha256(corpus::manifest_sha256(latest->json));
  rewrite.manifest.set_kind("rewrite");
  rewrite.manifest.set_major(view->major() + 1);
  rewrite.manifest.set_created_at(corpus::utc_text(utc_us));
  rewrite.manifest.set_service_version(options_.service_version);
  return rewrite;
}

absl::Status ViewCompactor::commit(const Rewrite& rewrite) {
  const absl::Status committed =
      store_
          .apply_and_wait(store::PublishVersion{.dataset = dataset_,
                                                .view = view_,
                                                .cuts = {rewrite.merged},
                                                .version = rewrite.manifest.version(),
                                                .manifest = corpus::manifest_json(rewrite.manifest)})
          .status();
  if (committed.ok() && options_.sealed) options_.sealed(static_cast<uint64_t>(rewrite.merged.shards_size()));
  return committed;
}

}  // namespace harvest::publish

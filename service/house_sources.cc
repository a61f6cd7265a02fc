// Where the HTTP face takes what it shows.
#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "service/house.h"
#include "service/notary/log_files.h"
#include "service/observe/log.h"
#include "service/publish/view.h"
#include "storage/corpus/digest.h"
#include "storage/corpus/manifest.h"

namespace harvest {

namespace {

absl::StatusOr<std::string> json_of(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok())
    return absl::InternalError("a message cannot be written as JSON");
  return json;
}

struct ManifestText {
  std::string json;
  uint64_t version;
};

/// The version asked for, or the latest.
absl::StatusOr<ManifestText> manifest_of(const store::Store& store, const http::Listing& listing) {
  auto record = store.dataset(listing.dataset);
  if (!record.ok()) return record.status();
  const v1::ViewRecord* view = store::view_of(*record, listing.view);
  if (view == nullptr) return absl::NotFoundError(absl::StrCat("there is no view ", listing.view));
  const uint64_t version = listing.version.value_or(view->version());
  auto json = store.manifest(listing.dataset, listing.view, version);
  if (!json.ok()) return json.status();
  return ManifestText{*std::move(json), version};
}

absl::StatusOr<v1::Shard> find_shard(const store::Store& store, const v1::DatasetRecord& dataset,
                                     const std::string& file) {
  for (const v1::ViewRecord& view : dataset.views())
    for (const v1::Cut& cut : store.cuts(dataset.name(), view.view().name()))
      for (const v1::Shard& shard : cut.shards())
        if (shard.path() == file) return shard;
  return absl::NotFoundError(absl::StrCat("dataset ", dataset.name(), " has no shard ", file));
}

}  // namespace

http::Sources Daemon::House::sources() {
  http::Sources sources;
  sources.admit = [this](access::Page page, const std::string& authorization) {
    return door_->gate().admit_read(page, authorization, clock_.utc_us());
  };
  sources.sees = [this](const access::Principal& who, const std::string& dataset) {
    const auto record = store_->dataset(dataset);
    return !record.ok() || who.sees(record->tenant());
  };
  sources.downloaded = [this](const http::Download& download) { receipts_->add(download, clock_.utc_us()); };
  sources.receipts = [this](const std::string& dataset) -> absl::StatusOr<std::string> {
    if (auto record = store_->dataset(dataset); !record.ok()) return record.status();
    return receipts_->of(dataset);
  };
  sources.metrics = [this] { return metrics_.text(); };
  sources.ready = [this] {
    const bool store_well = store_->stalled_changes() == 0 && store_->health().ok();
    const flow::ServiceLive live = board_.service();
    return http::Readiness{
        store_well && !live.draining && !live.disk_low,
        absl::StrCat(R"({"store":)", store_well ? "true" : "false", R"(,"draining":)", live.draining ? "true" : "false",
                     R"(,"disk_low":)", live.disk_low ? "true" : "false", R"(,"halted":)",
                     store_->halted() ? "true" : "false", "}")};
  };
  sources.datasets = [this](const access::Principal& who) -> absl::StatusOr<std::string> {
    v1::ListDatasetsReply all;
    for (const v1::DatasetRecord& record : store_->datasets()) {
      if (!who.sees(record.tenant())) continue;
      auto status = publisher_->status(record.name());
      if (!status.ok()) return status.status();
      *all.add_datasets() = *std::move(status);
    }
    return json_of(all);
  };
  sources.dataset = [this](const std::string& name) -> absl::StatusOr<std::string> {
    auto status = publisher_->status(name);
    if (!status.ok()) return status.status();
    return json_of(*status);
  };
  sources.find_manifest = [this](const http::Listing& listing) -> absl::StatusOr<http::Document> {
    auto found = manifest_of(*store_, listing);
    if (!found.ok()) return found.status();
    std::string sha256 = corpus::hex(corpus::sha256(found->json));
    return http::Document{std::move(found->json), std::move(sha256), found->version};
  };
  sources.shard_files = [this](const http::Listing& listing) -> absl::StatusOr<std::vector<std::string>> {
    const auto found = manifest_of(*store_, listing);
    if (!found.ok()) return found.status();
    const auto manifest = corpus::parse_manifest(found->json);
    if (!manifest.ok()) return manifest.status();
    std::vector<std::string> files;
    for (const v1::Shard& shard : manifest->shards()) files.push_back(shard.path());
    return files;
  };
  sources.find_shard = [this](const std::string& dataset, const std::string& file) -> absl::StatusOr<http::ShardFile> {
    auto record = store_->dataset(dataset);
    if (!record.ok()) return record.status();
    auto shard = find_shard(*store_, *record, file);
    if (!shard.ok()) return shard.status();
    return http::ShardFile{.path = publisher_->files(dataset, publish::kDefaultView).shard(shard->path()),
                           .sha256 = shard->sha256(),
                           .bytes = shard->bytes()};
  };
  sources.log_file = [this](const std::string& path) -> absl::StatusOr<std::string> {
    if (notary_ == nullptr) return log_refusal_;
    return notary::log_file(*store_, *notary_, path);
  };
  sources.report = [](std::string_view what, const absl::Status& why) {
    observe::log::error("http_fault", {{"what", what}, {"error", why.message()}});
  };
  return sources;
}

}  // namespace harvest

// Where the HTTP face takes what it shows.
#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "service/house.h"
#include "service/observe/log.h"
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

/// The version asked for, or the latest.
absl::StatusOr<std::pair<uint64_t, std::string>> manifest_of(const store::Store& store, const std::string& dataset,
                                                             std::optional<uint64_t> version) {
  auto record = store.dataset(dataset);
  if (!record.ok()) return record.status();
  const uint64_t wanted = version.value_or(record->version());
  auto bytes = store.manifest(dataset, wanted);
  if (!bytes.ok()) return bytes.status();
  return std::make_pair(wanted, *std::move(bytes));
}

absl::StatusOr<v1::Shard> find_shard(const store::Store& store, const std::string& dataset, const std::string& file) {
  for (const v1::Segment& segment : store.segments(dataset, 0))
    for (const v1::Shard& shard : segment.shards())
      if (shard.path() == file) return shard;
  return absl::NotFoundError(absl::StrCat("dataset ", dataset, " has no shard ", file));
}

}  // namespace

http::Sources Daemon::House::sources() {
  http::Sources sources;
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
  sources.datasets = [this]() -> absl::StatusOr<std::string> {
    v1::ListDatasetsReply all;
    for (const v1::DatasetRecord& record : store_->datasets()) {
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
  sources.find_manifest = [this](const std::string& dataset,
                                 std::optional<uint64_t> version) -> absl::StatusOr<http::Document> {
    auto found = manifest_of(*store_, dataset, version);
    if (!found.ok()) return found.status();
    std::string sha256 = corpus::hex(corpus::sha256(found->second));
    return http::Document{std::move(found->second), std::move(sha256)};
  };
  sources.shard_files = [this](const std::string& dataset,
                               std::optional<uint64_t> version) -> absl::StatusOr<std::vector<std::string>> {
    auto found = manifest_of(*store_, dataset, version);
    if (!found.ok()) return found.status();
    auto manifest = corpus::parse_manifest(found->second);
    if (!manifest.ok()) return manifest.status();
    std::vector<std::string> files;
    for (const v1::Shard& shard : manifest->shards()) files.push_back(shard.path());
    return files;
  };
  sources.find_shard = [this](const std::string& dataset, const std::string& file) -> absl::StatusOr<http::ShardFile> {
    auto record = store_->dataset(dataset);
    if (!record.ok()) return record.status();
    auto shard = find_shard(*store_, dataset, file);
    if (!shard.ok()) return shard.status();
    return http::ShardFile{
        .path = publisher_->files(dataset).shard(shard->path()), .sha256 = shard->sha256(), .bytes = shard->bytes()};
  };
  sources.report = [](std::string_view what, const absl::Status& why) {
    observe::log::error("http_fault", {{"what", what}, {"error", why.message()}});
  };
  return sources;
}

}  // namespace harvest

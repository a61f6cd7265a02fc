#include "client/cpp/dataset_puller.h"

#include <chrono>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cpp/shard_fetch.h"
#include "proto/text/time.h"
#include "storage/corpus/atomic_file.h"
#include "storage/corpus/canonical_json.h"
#include "storage/corpus/manifest.h"
#include "storage/corpus/mosaic.h"

namespace harvest::client {
namespace {

constexpr size_t kManifestBytesMax = 256 << 20;

/// What stands in the directory must be an earlier version of the same.
absl::Status check_directory(const PullPlan& plan) {
  const auto bytes = corpus::read_file(plan.directory + "/manifest.json", kManifestBytesMax);
  if (absl::IsNotFound(bytes.status())) {
    return absl::OkStatus();
  }
  if (!bytes.ok()) {
    return bytes.status();
  }
  const auto manifest = corpus::parse_manifest(*bytes);
  if (!manifest.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(plan.directory, "/manifest.json is no manifest (",
                                                      manifest.status().message(),
                                                      "), expected an empty directory or one pulled into before"));
  }
  if (manifest->dataset() != plan.dataset || manifest->view() != plan.view) {
    return absl::FailedPreconditionError(absl::StrCat(plan.directory, ": found the dataset ", manifest->dataset(),
                                                      " (view ", manifest->view(), ") in it, expected ", plan.dataset,
                                                      " (view ", plan.view, ") or an empty directory"));
  }
  return absl::OkStatus();
}

std::string receipt(const v1::Manifest& manifest, const v1::ManifestReply& reply, const std::string& server) {
  std::string shards = "[";
  uint64_t bytes = 0;
  for (const v1::Shard& shard : manifest.shards()) {
    corpus::JsonObject entry;
    entry.text("path", shard.path());
    entry.text("sha256", shard.sha256());
    entry.number("bytes", shard.bytes());
    absl::StrAppend(&shards, shards.size() > 1 ? "," : "", entry.text());
    bytes += shard.bytes();
  }
  const int64_t utc_us =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  corpus::JsonObject receipt;
  receipt.text("dataset", manifest.dataset());
  receipt.text("view", manifest.view());
  receipt.number("version", manifest.version());
  receipt.text("manifest_sha256", reply.sha256());
  receipt.text("pulled_at", text::format_utc(utc_us));
  receipt.text("server", server);
  receipt.number("rows", manifest.rows());
  receipt.number("bytes", bytes);
  receipt.raw("shards", shards + "]");
  return receipt.text() + "\n";
}

}  // namespace

absl::StatusOr<PullReport> pull(HarvestClient& client, const PullPlan& plan) {
  if (const absl::Status status = check_directory(plan); !status.ok()) {
    return status;
  }
  const auto reply = client.manifest(plan.dataset, plan.view, plan.version);
  if (!reply.ok()) {
    return reply.status();
  }
  if (corpus::manifest_sha256(reply->manifest()) != reply->sha256()) {
    return absl::DataLossError("the manifest's bytes are not those of its SHA-256");
  }
  const auto manifest = corpus::parse_manifest(reply->manifest());
  if (!manifest.ok()) {
    return manifest.status();
  }
  if (!absl::StartsWith(reply->http_base(), "http://") && !absl::StartsWith(reply->http_base(), "https://")) {
    return absl::FailedPreconditionError("the service has no HTTP face to pull shards from");
  }
  const std::string shards = plan.directory + "/shards";
  if (const absl::Status status = corpus::make_directories(shards); !status.ok()) {
    return status;
  }
  PullReport report;
  report.version = manifest->version();
  report.rows = manifest->rows();
  report.manifest_sha256 = reply->sha256();
  for (const v1::Shard& shard : manifest->shards()) {
    // parse_manifest made sure that a path is a bare file name.
    const auto fetched = fetch_shard({absl::StrCat(reply->http_base(), shard.path()),
                                      absl::StrCat(shards, "/", shard.path()), shard.sha256(), shard.bytes()});
    if (!fetched.ok()) {
      return fetched.status();
    }
    ++report.shards;
    report.kept += fetched->kept ? 1 : 0;
    report.bytes += shard.bytes();
    report.bytes_moved += fetched->bytes_moved;
    if (plan.on_shard) {
      plan.on_shard(report.shards, static_cast<uint64_t>(manifest->shards_size()));
    }
  }
  if (const absl::Status status = corpus::write_mosaic(plan.directory, *manifest); !status.ok()) {
    return status;
  }
  for (const auto& [name, bytes] : {std::pair{"/receipt.json", receipt(*manifest, *reply, client.server())},
                                    std::pair{"/manifest.json", reply->manifest()}}) {
    if (const absl::Status status = corpus::write_file_atomically(plan.directory + name, bytes); !status.ok()) {
      return status;
    }
  }
  return report;
}

}  // namespace harvest::client

#include "client/cpp/dataset_puller.h"

#include <chrono>
#include <filesystem>
#include <set>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cpp/held_version.h"
#include "client/cpp/shard_fetch.h"
#include "proto/text/time.h"
#include "storage/corpus/atomic_file.h"
#include "storage/corpus/canonical_json.h"
#include "storage/corpus/mosaic.h"
#include "storage/corpus/shard_format.h"

namespace harvest::client {
namespace {

/// Shards, and what lies beside them, that the manifest does not list.
absl::StatusOr<uint64_t> prune(const std::string& shards, const v1::Manifest& manifest) {
  std::set<std::string> listed;
  for (const v1::Shard& shard : manifest.shards()) {
    listed.insert(shard.path());
  }
  std::vector<std::filesystem::path> gone;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(shards, error)) {
    const std::string name = entry.path().filename().string();
    const std::string of_shard(absl::StripSuffix(name, ".meta"));
    if (corpus::format_of_path(of_shard).ok() && !listed.contains(of_shard)) {
      gone.push_back(entry.path());
    }
  }
  uint64_t pruned = 0;
  for (const std::filesystem::path& path : gone) {
    pruned += std::filesystem::remove(path, error) && path.extension() != ".meta" ? 1 : 0;
    if (error) {
      break;
    }
  }
  if (error) {
    return absl::ResourceExhaustedError(absl::StrCat("cannot prune ", shards, ": ", error.message()));
  }
  return pruned;
}

std::string receipt(const PullPlan& plan, const v1::Manifest& manifest, const v1::ManifestReply& reply,
                    const std::string& server) {
  std::string shards = "[";
  uint64_t bytes = 0, rows = 0;
  for (int place = 0; place < manifest.shards_size(); ++place) {
    const v1::Shard& shard = manifest.shards(place);
    if (!plan.share.has(place)) {
      continue;
    }
    rows += shard.rows();
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
  receipt.number("rank", plan.share.rank);
  receipt.number("world_size", plan.share.world_size);
  receipt.number("rows", rows);
  receipt.number("bytes", bytes);
  receipt.raw("shards", shards + "]");
  return receipt.text() + "\n";
}

}  // namespace

absl::StatusOr<PullReport> pull(HarvestClient& client, const PullPlan& plan) {
  if (const absl::Status status = plan.share.check(); !status.ok()) {
    return status;
  }
  const auto held = HeldVersion::in(plan.directory, plan.dataset, plan.view);
  if (!held.ok()) {
    return held.status();
  }
  const auto reply = client.manifest(plan.dataset, plan.view, plan.version);
  if (!reply.ok()) {
    return reply.status();
  }
  const auto manifest = checked_manifest(*reply);
  if (!manifest.ok()) {
    return manifest.status();
  }
  if (const absl::Status status = held->check_follows(client, *manifest, reply->sha256()); !status.ok()) {
    return status;
  }
  if (!absl::StartsWith(reply->http_base(), "http://") && !absl::StartsWith(reply->http_base(), "https://")) {
    return absl::FailedPreconditionError("the service has no HTTP face to pull shards from");
  }
  const std::string base = reachable(reply->http_base(), client.server());
  const std::string shards = plan.directory + "/shards";
  if (const absl::Status status = corpus::make_directories(shards); !status.ok()) {
    return status;
  }
  PullReport report;
  report.version = manifest->version();
  report.manifest_sha256 = reply->sha256();
  for (int place = 0; place < manifest->shards_size(); ++place) {
    if (!plan.share.has(place)) {
      continue;
    }
    const v1::Shard& shard = manifest->shards(place);
    // parse_manifest made sure that a path is a bare file name.
    const auto fetched = fetch_shard({absl::StrCat(base, shard.path()), absl::StrCat(shards, "/", shard.path()),
                                      shard.sha256(), shard.bytes(), plan.access});
    if (!fetched.ok()) {
      return fetched.status();
    }
    ++report.shards;
    report.kept += fetched->kept ? 1 : 0;
    report.rows += shard.rows();
    report.bytes += shard.bytes();
    report.bytes_moved += fetched->bytes_moved;
    if (plan.on_shard) {
      plan.on_shard(static_cast<uint64_t>(place) + 1, static_cast<uint64_t>(manifest->shards_size()));
    }
  }
  // Of a share the index would name files that are not there.
  if (plan.share.world_size == 1) {
    if (const absl::Status status = corpus::write_mosaic(plan.directory, *manifest); !status.ok()) {
      return status;
    }
  }
  for (const auto& [name, bytes] : {std::pair{"/receipt.json", receipt(plan, *manifest, *reply, client.server())},
                                    std::pair{"/manifest.json", reply->manifest()}}) {
    if (const absl::Status status = corpus::write_file_atomically(plan.directory + name, bytes); !status.ok()) {
      return status;
    }
  }
  // Last: until the new manifest stands, the old one's files do.
  if (plan.prune) {
    const auto pruned = prune(shards, *manifest);
    if (!pruned.ok()) {
      return pruned.status();
    }
    report.pruned = *pruned;
  }
  return report;
}

}  // namespace harvest::client

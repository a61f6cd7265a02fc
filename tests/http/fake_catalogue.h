#pragma once

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "service/http/sources.h"

namespace harvest::http {

/// A daemon's sources with one dataset `chat` of one shard, written down. What was reported is kept.
struct FakeCatalogue {
  std::string shard_path;
  std::string shard_bytes = "0123456789";
  // SHA-256 of 0123456789.
  std::string shard_sha256 = "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882";
  bool ready = true, live = true;
  std::atomic<uint64_t> version = 1;  // of the latest manifest
  absl::Status trouble;               // what every look-up answers while it is not ok
  std::vector<std::string> asked;     // shard names that were looked up
  std::vector<std::string> reported;  // faults
  std::vector<Download> downloads;    // what was sent

  static constexpr char kShard[] = "train-000001-84d89877f0d4.jsonl.gz";

  Sources sources() {
    Sources s;
    s.metrics = [] { return std::string("harvest_build_info 1\n"); };
    s.ready = [this] {
      return Readiness{ready, ready ? R"({"ready":true})" : R"({"ready":false,"reasons":["draining"]})"};
    };
    s.live = [this] { return live; };
    s.datasets = [this](const access::Principal&) -> absl::StatusOr<std::string> {
      if (!trouble.ok()) return trouble;
      return R"({"datasets":[{"name":"chat"}]})";
    };
    s.dataset = [](const std::string& name) -> absl::StatusOr<std::string> {
      if (name != "chat") return absl::NotFoundError("no dataset");
      return R"({"name":"chat"})";
    };
    s.log_file = [this](const std::string& path) -> absl::StatusOr<std::string> {
      if (!trouble.ok()) return trouble;
      if (path == "none") return absl::NotFoundError("no file");
      return "of " + path;
    };
    s.find_manifest = [this](const Listing& listing) -> absl::StatusOr<Document> {
      if (!trouble.ok()) return trouble;
      if (listing.dataset != "chat" || listing.version.value_or(version.load()) != version.load())
        return absl::NotFoundError("no version");
      if (listing.view == "short") return Document{"01234", "of the view short"};
      if (listing.view != "default") return absl::NotFoundError("no view");
      return Document{"0123456789", shard_sha256, version.load()};
    };
    s.shard_files = [](const Listing& listing) -> absl::StatusOr<std::vector<std::string>> {
      if (listing.dataset != "chat") return absl::NotFoundError("no dataset");
      return std::vector<std::string>{kShard, "odd name.gz"};
    };
    s.find_shard = [this](const std::string& name, const std::string& file) -> absl::StatusOr<ShardFile> {
      asked.push_back(file);
      if (!trouble.ok()) return trouble;
      if (name != "chat" || file != kShard) return absl::NotFoundError("no shard");
      return ShardFile{shard_path, shard_sha256, shard_bytes.size(), ""};
    };
    s.downloaded = [this](const Download& download) { downloads.push_back(download); };
    s.receipts = [](const std::string&) -> absl::StatusOr<std::string> { return "{\"principal\":\"ann\"}\n"; };
    s.report = [this](std::string_view what, const absl::Status& why) {
      reported.push_back(std::string(what) + ": " + std::string(why.message()));
    };
    return s;
  }
};

}  // namespace harvest::http

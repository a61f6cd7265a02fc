#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace harvest::http {

/// A document that is held in memory while it is sent.
struct Document {
  std::string bytes;
  std::string sha256;  ///< hex, of `bytes`
};

/// A shard as the catalogue knows it.
struct ShardFile {
  std::string path;    ///< where the service keeps it; never taken from a URL
  std::string sha256;  ///< hex
  uint64_t bytes = 0;
  std::string content_type;  ///< empty: told from the file's name (content_type_of)
};

/// A version of a dataset's view; no version: the latest.
struct Listing {
  std::string dataset;
  std::string view;
  std::optional<uint64_t> version;
};

struct Readiness {
  bool ready = false;
  std::string json;  ///< the reasons, as a JSON object
};

/// Where the HTTP face takes what it shows: functions of the daemon, called on the face's own lane, one at a time. They
/// may read a disk; they must not wait for anything else.
///
/// Errors: kNotFound becomes 404. Every other becomes 503 with Retry-After, because a client that is told 404 drops the
/// file for good; its text goes to `report`, never to the client.
struct Sources {
  std::function<std::string()> metrics;  ///< Prometheus text
  std::function<Readiness()> ready;
  /// True while the decision lane's heart beats; left out: answering at all is proof enough.
  std::function<bool()> live;
  std::function<absl::StatusOr<std::string>()> datasets;                          ///< JSON
  std::function<absl::StatusOr<std::string>(const std::string& name)> dataset;    ///< JSON
  std::function<absl::StatusOr<Document>(const Listing& listing)> find_manifest;  ///< canonical bytes
  /// File names of its shards in the manifest's order.
  std::function<absl::StatusOr<std::vector<std::string>>(const Listing& listing)> shard_files;
  std::function<absl::StatusOr<ShardFile>(const std::string& dataset, const std::string& file)> find_shard;
  /// Told of faults behind a 503: what was asked for and what went wrong. May be left out.
  std::function<void(std::string_view what, const absl::Status& why)> report;
};

}  // namespace harvest::http

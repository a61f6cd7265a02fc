#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/access/permits.h"
#include "service/access/principal.h"

namespace harvest::http {

/// A document that is held in memory while it is sent.
struct Document {
  std::string bytes;
  std::string sha256;    ///< hex, of `bytes`
  uint64_t version = 0;  ///< of a manifest
};

/// What somebody took away: the receipt of those who pull without a client of ours.
struct Download {
  std::string principal;
  std::string tenant;
  std::string dataset;
  std::string view;      ///< of a manifest
  uint64_t version = 0;  ///< of a manifest
  std::string shard;     ///< empty: a manifest
  uint64_t bytes = 0;    ///< that were sent
  bool whole = false;    ///< all that was asked for went out
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
  /// Who asks, by the header Authorization, and may they read such a page? UNAUTHENTICATED becomes 401,
  /// PERMISSION_DENIED 403, with the status's own words. Left out: the face is the local user's, who may read all.
  std::function<absl::StatusOr<access::Principal>(access::Page page, const std::string& authorization)> admit;
  /// Is the dataset this principal's to know of? What is not is 404. Left out: every one is.
  std::function<bool(const access::Principal& who, const std::string& dataset)> sees;
  /// Told of each manifest and shard that was sent, on the face's lane. May be left out.
  std::function<void(const Download& download)> downloaded;
  std::function<std::string()> metrics;  ///< Prometheus text
  std::function<Readiness()> ready;
  /// True while the decision lane's heart beats; left out: answering at all is proof enough.
  std::function<bool()> live;
  std::function<absl::StatusOr<std::string>(const access::Principal& who)> datasets;  ///< JSON
  std::function<absl::StatusOr<std::string>(const std::string& dataset)> receipts;    ///< JSON lines
  std::function<absl::StatusOr<std::string>(const std::string& name)> dataset;        ///< JSON
  std::function<absl::StatusOr<Document>(const Listing& listing)> find_manifest;      ///< canonical bytes
  /// File names of its shards in the manifest's order.
  std::function<absl::StatusOr<std::vector<std::string>>(const Listing& listing)> shard_files;
  std::function<absl::StatusOr<ShardFile>(const std::string& dataset, const std::string& file)> find_shard;
  /// The transparency log's files by their path below /v1/log/: "checkpoint", "tile/0/000.p/5". May be left out.
  std::function<absl::StatusOr<std::string>(const std::string& path)> log_file;
  /// Told of faults behind a 503: what was asked for and what went wrong. May be left out.
  std::function<void(std::string_view what, const absl::Status& why)> report;
};

}  // namespace harvest::http

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/http/host_list.h"
#include "service/http/message.h"
#include "service/http/sources.h"

namespace harvest::http {

/// Request in, response out: which path means what. No socket, no file; the sources are its only effect. Lives on the
/// face's lane.
///
///   /  /metrics  /livez  /healthz  /readyz
///   /v1/datasets                                    JSON list
///   /v1/datasets/NAME                               JSON
///   /v1/datasets/NAME/receipts                      who took what of it away: JSON lines
///   /v1/datasets/NAME/manifest.json                 of the latest version of its view `default`
///   ...manifest.json?after=N&wait=S                 waits for a version after N, S seconds at most (60); else 204
///   /v1/datasets/NAME/urls.txt                      its shards, one URL a line
///   /v1/datasets/NAME/versions/N/manifest.json      and urls.txt: of that version
///   /v1/datasets/NAME/views/VIEW/...                the same of another view
///   /v1/datasets/NAME/shards/FILE                   by name in the catalogue; no path is ever made of it
///
/// GET and HEAD only, so there is nothing to forge.
class Routes {
 public:
  /// `origin_scheme`: http or https, as urls.txt says it.
  Routes(Sources sources, HostList hosts, std::string origin_scheme = "http")
      : sources_(std::move(sources)), hosts_(std::move(hosts)), scheme_(std::move(origin_scheme)) {}

  Response answer(const Request& request) const;

  /// 503, told to `report`: the server uses it too, when a shard's file is not as the catalogue says.
  Response unavailable(std::string_view what, const absl::Status& why) const;

  /// What was sent of an answer that is a download.
  void tell_sent(const Response& response, uint64_t bytes) const;

 private:
  Response route(const Request& request) const;
  absl::StatusOr<access::Principal> admit(const Request& request, access::Page page) const;
  Response dataset(const Request& request, const std::vector<std::string>& path) const;
  Response datasets(const Request& request, const access::Principal& who) const;
  Response manifest(const Request& request, const Listing& listing, const access::Principal& who) const;
  Response urls(const Request& request, const Listing& listing) const;
  Response shard(const Request& request, const std::string& name, const std::string& file,
                 const access::Principal& who) const;
  Response log(const Request& request, const std::vector<std::string>& path) const;
  Response receipts(const Request& request, const std::string& name) const;
  Response failure(std::string_view what, const absl::Status& why) const;

  Sources sources_;
  HostList hosts_;
  std::string scheme_;
};

/// The segments of a target's path, percent-decoded. Nothing for what no honest client sends: no leading slash, an
/// empty,
/// `.` or `..` segment, a control character, slash or backslash (encoded or not), a broken escape.
std::optional<std::vector<std::string>> path_segments(std::string_view target);

}  // namespace harvest::http

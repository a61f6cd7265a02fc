#pragma once

#include <optional>
#include <string>

namespace harvest::transport {

/// Where an endpoint's URL leads, parsed by libcurl's own parser, so that what is checked is what is connected to.
struct Origin {
  std::string url;          ///< scheme, host and port: what is connected to
  std::string host;         ///< as the Host header says it: with a port where it is not the scheme's
  std::string path_prefix;  ///< without a slash at its end; a request's path follows
  bool tls = false;

  /// Nullopt for what is no http or https URL, or holds a user, a query or a fragment.
  static std::optional<Origin> of(const std::string& url);
};

}  // namespace harvest::transport

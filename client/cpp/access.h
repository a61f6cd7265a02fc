#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace harvest::client {

/// What lets a caller into a service on another machine. All may be empty: a daemon on loopback without tokens.
struct Access {
  std::string token;             ///< sent with every call; never in a URL, a message or a log
  std::string ca_file;           ///< PEM: who signed the service's certificate; empty: who the system trusts
  std::string certificate_file;  ///< PEM: this client's own, for mTLS, with its key
  std::string key_file;

  bool names_files() const { return !ca_file.empty() || !certificate_file.empty() || !key_file.empty(); }
};

/// The token in a file, without the end of its line. INVALID_ARGUMENT names the file.
absl::StatusOr<std::string> read_token(const std::string& path);
/// INVALID_ARGUMENT where it cannot be a token; never says it.
absl::Status check_token(const std::string& token);

/// host:port or unix:/path that no other machine sees: nothing that is secret leaves this one.
bool is_loopback_server(std::string_view server);
/// host:port of an http:// or https:// URL; empty where it is none.
std::string host_of(std::string_view url);

/// The address of the HTTP face as this client reaches it: a service that listens everywhere says 0.0.0.0, and is where
/// its gRPC face was found.
std::string reachable(const std::string& url, const std::string& server);

}  // namespace harvest::client

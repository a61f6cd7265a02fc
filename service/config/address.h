#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace harvest::config {

/// host:port to listen at, loopback alone ([::1]:7070, localhost:0, 127.0.0.1:7070; unix:/path where `unix_too`).
/// Returns what is wrong with it, or nothing. Any other address would need mTLS (gRPC) or TLS with tokens (HTTP), which
/// this version does not have, so it is refused rather than opened unprotected.
std::optional<std::string> wrong_listen_address(std::string_view address, bool unix_too);

/// Base address of a teacher or proxy: http or https, a host, no user, query or fragment (they would hold secrets, and
/// never be sent). Returns what is wrong with it, or nothing; never repeats a user's part.
std::optional<std::string> wrong_url(std::string_view url);

}  // namespace harvest::config

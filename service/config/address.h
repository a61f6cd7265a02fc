#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace harvest::config {

/// host:port to listen at ([::1]:7070, localhost:0, 0.0.0.0:7070; unix:/path where `unix_too`). Returns what is wrong
/// with it, or nothing. Whether it may be listened at is access_checks.h's.
std::optional<std::string> wrong_listen_address(std::string_view address, bool unix_too);

/// No other machine reaches it: 127.0.0.0/8, [::1], localhost, unix:.
bool is_loopback_address(std::string_view address);

/// Base address of a teacher or proxy: http or https, a host, no user, query or fragment (they would hold secrets, and
/// never be sent). Returns what is wrong with it, or nothing; never repeats a user's part.
std::optional<std::string> wrong_url(std::string_view url);

}  // namespace harvest::config

#include "service/config/address.h"

#include <arpa/inet.h>

#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "proto/text/mistake.h"

namespace harvest::config {
namespace {

using text::shown;

bool is_port(std::string_view text, int least) {
  int port = -1;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && stop == text.data() + text.size() && port >= least && port <= 65535;
}

/// An IP address, in [ ] where it is IPv6; no name, which may mean another address tomorrow.
bool is_address(const std::string& host) {
  in_addr four{};
  in6_addr six{};
  return inet_pton(AF_INET, host.c_str(), &four) == 1 ||
         (host.size() > 2 && host.front() == '[' && host.back() == ']' &&
          inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &six) == 1);
}

bool is_loopback(const std::string& host) {
  if (host == "localhost") {
    return true;
  }
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) {
    return (ntohl(four.s_addr) >> 24) == 127;
  }
  in6_addr six{};
  return host.size() > 2 && host.front() == '[' && host.back() == ']' &&
         inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

}  // namespace

std::optional<std::string> wrong_listen_address(std::string_view address, bool unix_too) {
  const std::string found = shown(std::string(address));
  if (unix_too && address.substr(0, 5) == "unix:" && address.size() > 5) {
    return std::nullopt;
  }
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || !is_port(address.substr(colon + 1), 0)) {
    return absl::StrCat("found ", found, ", expected host:port, like 127.0.0.1:7070");
  }
  const std::string host(address.substr(0, colon));
  if (host != "localhost" && !is_address(host)) {
    return absl::StrCat("found ", found, ", expected an IP address or localhost before the port");
  }
  return std::nullopt;
}

bool is_loopback_address(std::string_view address) {
  return address.substr(0, 5) == "unix:" || is_loopback(std::string(address.substr(0, address.rfind(':'))));
}

std::optional<std::string> wrong_url(std::string_view url) {
  const size_t scheme_end = url.find("://");
  const std::string scheme =
      scheme_end == std::string_view::npos ? "" : absl::AsciiStrToLower(std::string(url.substr(0, scheme_end)));
  if (scheme != "http" && scheme != "https") {
    return absl::StrCat("found ", shown(std::string(url)),
                        ", expected an address that begins with http:// or https://");
  }
  for (const char c : url) {
    if (absl::ascii_isspace(static_cast<unsigned char>(c)) || absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      return "found a blank or control character in an address, expected none";
    }
  }
  const std::string_view rest = url.substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) {
    return "found a user name or password in the address (not shown), expected none: keys go to api_key";
  }
  if (rest.find_first_of("?#") != std::string_view::npos) {
    return "found a query or fragment in the address (not shown), expected it to end with the path";
  }
  // A colon inside [ ] belongs to an IPv6 address.
  const size_t bracket = authority.find(']');
  const size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = authority.substr(0, colon);
  if (host.empty() || (colon != std::string_view::npos && !is_port(authority.substr(colon + 1), 1))) {
    return absl::StrCat("found ", shown(std::string(url)),
                        ", expected a host and, after a colon, a port from 1 to 65535");
  }
  return std::nullopt;
}

}  // namespace harvest::config

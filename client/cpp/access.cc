#include "client/cpp/access.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/corpus/atomic_file.h"

namespace harvest::client {
namespace {

constexpr size_t kTokenFileBytesMax = 4096;

std::string_view without_port_of(std::string_view server) {
  const size_t colon = server.rfind(':');
  const size_t bracket = server.rfind(']');
  const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  return has_port ? server.substr(0, colon) : server;
}

}  // namespace

absl::Status check_token(const std::string& token) {
  const bool good =
      !token.empty() && std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError("found no token (not shown), expected one line without blanks");
}

absl::StatusOr<std::string> read_token(const std::string& path) {
  auto text = corpus::read_file(path, kTokenFileBytesMax);
  if (!text.ok()) return absl::InvalidArgumentError(absl::StrCat("token file: ", text.status().message()));
  absl::StripTrailingAsciiWhitespace(&*text);
  if (const absl::Status status = check_token(*text); !status.ok())
    return absl::InvalidArgumentError(absl::StrCat("token file ", path, ": ", status.message()));
  return text;
}

bool is_loopback_server(std::string_view server) {
  if (server.starts_with("unix:")) return true;
  const std::string_view host = without_port_of(server);
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

std::string host_of(std::string_view url) {
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (!url.starts_with(scheme)) continue;
    url.remove_prefix(scheme.size());
    return std::string(url.substr(0, url.find('/')));
  }
  return {};
}

std::string reachable(const std::string& url, const std::string& server) {
  const std::string host = host_of(url);
  const std::string name(without_port_of(host));
  if ((name != "0.0.0.0" && name != "[::]") || server.starts_with("unix:")) return url;
  const size_t at = url.find(host);
  return url.substr(0, at) + std::string(without_port_of(server)) + url.substr(at + name.size());
}

}  // namespace harvest::client

#include "service/http/host_list.h"

#include <algorithm>
#include <optional>

namespace harvest::http {
namespace {

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

/// The name in front of an optional port; nothing where what follows the name is no port.
std::optional<std::string_view> without_port(std::string_view host) {
  std::size_t name_length = std::min(host.find(':'), host.size());
  if (host.starts_with('[')) {  // an IPv6 address: its colons are its own
    const std::size_t bracket = host.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    name_length = bracket + 1;
  }
  const std::string_view port = host.substr(name_length);
  const bool is_port = port.empty() || (port[0] == ':' && std::all_of(port.begin() + 1, port.end(),
                                                                      [](char c) { return c >= '0' && c <= '9'; }));
  if (!is_port) return std::nullopt;
  return host.substr(0, name_length);
}

/// Nothing that could end a line or a URL's host where it is repeated.
bool is_host_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_' || c == ':' || c == '[' || c == ']';
  });
}

}  // namespace

HostList::HostList(std::vector<std::string> names) : names_(std::move(names)) {
  for (const char* loopback : {"localhost", "127.0.0.1", "[::1]"}) names_.emplace_back(loopback);
  for (std::string& name : names_) name = lowered(name);
}

HostList HostList::any() {
  HostList list({});
  list.any_ = true;
  return list;
}

bool HostList::allows(std::string_view host) const {
  const std::optional<std::string_view> name = without_port(host);
  if (any_) return name && is_host_name(*name);
  return name && std::find(names_.begin(), names_.end(), lowered(*name)) != names_.end();
}

}  // namespace harvest::http

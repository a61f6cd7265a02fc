#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace harvest::http {

/// The names under which this face may be asked for. A page of a foreign site that had its own name resolved to our
/// address (DNS rebinding) sends that name as Host, and is turned away.
class HostList {
 public:
  /// Loopback's names are always on the list; `names` come on top (the configured address, names of a proxy).
  explicit HostList(std::vector<std::string> names);

  /// Where tokens are demanded a foreign page has none, and a service that others reach has names that it does not know
  /// of: any that is a name or an address.
  static HostList any();

  /// `host` as the header has it, with or without a port: any port, since forwarded ones differ from ours.
  bool allows(std::string_view host) const;

 private:
  std::vector<std::string> names_;  // lower case
  bool any_ = false;
};

}  // namespace harvest::http

#pragma once

#include <string>
#include <string_view>

#include "service/access/roles.h"

namespace harvest::access {

/// Who acts: stamped on jobs, pairs, downloads and decisions.
struct Principal {
  std::string name;  ///< local:USER where there are no tokens
  std::string tenant = "default";
  Roles roles;

  /// May this one know of what belongs to `owner`? The name of no tenant is `default`.
  bool sees(std::string_view owner) const {
    return roles.has(Role::kAdmin) || (owner.empty() ? std::string_view("default") : owner) == tenant;
  }
};

}  // namespace harvest::access

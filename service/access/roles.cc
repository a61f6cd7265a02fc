#include "service/access/roles.h"

namespace harvest::access {

std::string_view name_of(Role role) {
  switch (role) {
    case Role::kViewer:
      return "viewer";
    case Role::kSubmitter:
      return "submitter";
    case Role::kTrainer:
      return "trainer";
    case Role::kOperator:
      return "operator";
    case Role::kRights:
      return "rights";
    case Role::kAdmin:
      return "admin";
  }
  return "";
}

std::optional<Role> role_named(std::string_view name) {
  for (const Role role : kAllRoles) {
    if (name_of(role) == name) return role;
  }
  return std::nullopt;
}

std::string Roles::text() const {
  std::string text;
  for (const Role role : kAllRoles) {
    if (!has(role)) continue;
    if (!text.empty()) text += ", ";
    text += name_of(role);
  }
  return text;
}

}  // namespace harvest::access

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace harvest::access {

/// What a principal may be. README.md says what each may do; permits.h is the table.
enum class Role : uint8_t { kViewer, kSubmitter, kTrainer, kOperator, kRights, kAdmin };

inline constexpr std::array kAllRoles = {Role::kViewer,   Role::kSubmitter, Role::kTrainer,
                                         Role::kOperator, Role::kRights,    Role::kAdmin};

std::string_view name_of(Role role);
std::optional<Role> role_named(std::string_view name);

/// A set of roles. A value.
class Roles {
 public:
  constexpr Roles() = default;
  constexpr Roles(std::initializer_list<Role> roles) {
    for (const Role role : roles) add(role);
  }
  static constexpr Roles all() {
    Roles roles;
    for (const Role role : kAllRoles) roles.add(role);
    return roles;
  }

  constexpr void add(Role role) { bits_ |= bit(role); }
  constexpr bool has(Role role) const { return (bits_ & bit(role)) != 0; }
  constexpr bool meets(Roles other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  /// "submitter, operator"
  std::string text() const;

 private:
  static constexpr uint8_t bit(Role role) { return static_cast<uint8_t>(1u << static_cast<unsigned>(role)); }
  uint8_t bits_ = 0;
};

}  // namespace harvest::access

#pragma once

#include <algorithm>
#include <string>

namespace harvest::config {

inline constexpr size_t kNameBytes = 64;

/// A name as it may stand in labels, paths and headers.
inline bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= kNameBytes && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace harvest::config

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace harvest::text {

/// The name that was probably meant where `found` was written: the nearest by edits (insert, drop, change, swap), if it
/// is near enough to be worth a "did you mean"; otherwise empty.
std::string near_miss(std::string_view found, const std::vector<std::string>& names);

}  // namespace harvest::text

#pragma once

#include <string_view>

namespace harvest {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace harvest

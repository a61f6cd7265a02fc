#pragma once

#include <algorithm>
#include <cstdlib>

namespace harvest::testing {

/// How often tests repeat themselves: HARVEST_TEST_SCALE, 1 if unset.
inline double scale() {
  const char* text = std::getenv("HARVEST_TEST_SCALE");
  return text == nullptr ? 1.0 : std::max(0.01, std::atof(text));
}

}  // namespace harvest::testing

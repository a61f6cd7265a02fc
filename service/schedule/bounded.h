#pragma once

#include <algorithm>

namespace harvest::schedule {

/// An account moved by `by`, but no further from zero than `reach`, unless it has been there already.
inline double moved(double account, double by, double reach) {
  return by < 0 ? std::max(account + by, std::min(account, -reach)) : std::min(account + by, std::max(account, reach));
}

}  // namespace harvest::schedule

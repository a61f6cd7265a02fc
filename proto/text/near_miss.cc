#include "proto/text/near_miss.h"

#include <algorithm>

namespace harvest::text {
namespace {

// Names longer than this are no typing mistakes; bounds the table below.
constexpr size_t kNameBytes = 64;

/// Edits between two names, neighbours swapped counting as one (optimal string alignment).
size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    cost[i][0] = i;
  }
  for (size_t j = 0; j <= b.size(); ++j) {
    cost[0][j] = j;
  }
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string near_miss(std::string_view found, const std::vector<std::string>& names) {
  if (found.size() > kNameBytes) {
    return {};
  }
  std::string nearest;
  // A third of the name may be wrong, at least one letter and at most three.
  size_t best = std::clamp<size_t>(found.size() / 3, 1, 3) + 1;
  for (const std::string& name : names) {
    const size_t distance = name.size() > kNameBytes ? best : edits(found, name);
    if (distance < best) {
      best = distance;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace harvest::text

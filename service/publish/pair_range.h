#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "storage/store/store.h"

namespace harvest::publish {

/// Every pair of the dataset from `first` to before `end`, in order of arrival, to `visit`, which says whether all is
/// well. Reads some hundred at a time. INTERNAL where one is missing; else what `visit` said.
template <typename Visit>
absl::Status each_pair(const store::Store& store, const std::string& dataset, uint64_t first, uint64_t end,
                       const Visit& visit) {
  // Enough to make a read worth its while, little enough to hold.
  constexpr uint64_t kPairsPerRead = 256;
  for (uint64_t next = first; next < end;) {
    const auto pairs = store.pairs(dataset, next, std::min(kPairsPerRead, end - next));
    if (pairs.empty())
      return absl::InternalError(
          absl::StrCat("dataset ", dataset, " has no pair ", next, " of those from ", first, " to ", end));
    for (const auto& pair : pairs)
      if (absl::Status visited = visit(pair); !visited.ok()) return visited;
    next = pairs.back().sequence + 1;
  }
  return absl::OkStatus();
}

}  // namespace harvest::publish

#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace harvest::publish {

/// A pair beside others that answer the same prompt.
struct Sibling {
  uint64_t job = 0, prompt = 0;
  uint32_t sample = 0, choice = 0;
  uint64_t sequence = 0;  ///< its place in the dataset
  size_t place = 0;       ///< what the caller knows it by
  uint64_t said = 0;      ///< a hash of what its answer comes to
  double standing = 0;    ///< less is better
};

/// Of each place the share of its prompt's siblings that say the same, itself included; -1 of one that has none.
std::vector<double> agreements(std::vector<Sibling> siblings, size_t places);

/// Of each prompt whose answers are not all equal to the rule: the places of the best and of the worst, of several the
/// first by sample. By prompt.
std::vector<std::pair<size_t, size_t>> preferences(std::vector<Sibling> siblings);

}  // namespace harvest::publish

#include "service/publish/siblings.h"

#include <algorithm>
#include <map>
#include <span>
#include <tuple>

namespace harvest::publish {
namespace {

/// Prompt by prompt, each one's by sample.
template <typename Visit>
void each_prompt(std::vector<Sibling>& siblings, const Visit& visit) {
  std::sort(siblings.begin(), siblings.end(), [](const Sibling& a, const Sibling& b) {
    return std::tie(a.job, a.prompt, a.sample, a.choice, a.sequence) <
           std::tie(b.job, b.prompt, b.sample, b.choice, b.sequence);
  });
  for (size_t first = 0, end = 0; first < siblings.size(); first = end) {
    while (end < siblings.size() && siblings[end].job == siblings[first].job &&
           siblings[end].prompt == siblings[first].prompt)
      ++end;
    visit(std::span<const Sibling>(&siblings[first], end - first));
  }
}

}  // namespace

std::vector<double> agreements(std::vector<Sibling> siblings, size_t places) {
  std::vector<double> shares(places, -1);
  each_prompt(siblings, [&](std::span<const Sibling> prompt) {
    if (prompt.size() < 2) return;
    std::map<uint64_t, size_t> alike;
    for (const Sibling& one : prompt) ++alike[one.said];
    for (const Sibling& one : prompt)
      shares[one.place] = static_cast<double>(alike[one.said]) / static_cast<double>(prompt.size());
  });
  return shares;
}

std::vector<std::pair<size_t, size_t>> preferences(std::vector<Sibling> siblings) {
  std::vector<std::pair<size_t, size_t>> pairs;
  each_prompt(siblings, [&](std::span<const Sibling> prompt) {
    const auto better = [](const Sibling& a, const Sibling& b) { return a.standing < b.standing; };
    const auto best = std::min_element(prompt.begin(), prompt.end(), better);
    const auto worst = std::max_element(prompt.begin(), prompt.end(), better);
    if (best->standing < worst->standing) pairs.emplace_back(best->place, worst->place);
  });
  return pairs;
}

}  // namespace harvest::publish

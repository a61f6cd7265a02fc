#include "service/quality/labels/repetition.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "service/quality/labels/words.h"

namespace harvest::quality {
namespace {

constexpr size_t kWordsLeast = 50;
constexpr size_t kLongRun = 10;
constexpr double kSaidBeforeMax = 0.40;

struct Top {
  size_t words;
  double share_max;
  const char* name;
};
constexpr Top kTops[] = {{2, 0.20, "top_2"}, {3, 0.18, "top_3"}, {4, 0.16, "top_4"}};

/// Bytes of the run of so many words whose places have most of them together.
uint64_t top_bytes(const WordRuns& runs, size_t words, std::vector<std::pair<uint64_t, uint64_t>>& seen) {
  seen.clear();
  for (size_t i = 0; i + words <= runs.size(); ++i) seen.emplace_back(runs.hash(i, words), runs.bytes(i, words));
  std::sort(seen.begin(), seen.end());
  uint64_t most = 0;
  for (size_t begin = 0, i = 1; i <= seen.size(); ++i) {
    if (i < seen.size() && seen[i].first == seen[begin].first) continue;
    if (i - begin > 1) most = std::max(most, (i - begin) * seen[begin].second);
    begin = i;
  }
  return most;
}

size_t said_before(const WordRuns& runs, std::vector<uint64_t>& seen) {
  for (size_t i = 0; i + kLongRun <= runs.size(); ++i) seen.push_back(runs.hash(i, kLongRun));
  std::sort(seen.begin(), seen.end());
  return seen.size() - static_cast<size_t>(std::unique(seen.begin(), seen.end()) - seen.begin());
}

}  // namespace

std::optional<std::string> find_repetition(const Judged& judged) {
  const std::vector<Word> words = words_of(judged.message.content());
  if (words.size() < kWordsLeast) return std::nullopt;
  const WordRuns runs(words);
  const auto all = static_cast<double>(runs.bytes(0, runs.size()));
  std::vector<std::pair<uint64_t, uint64_t>> seen;
  for (const Top& top : kTops)
    if (static_cast<double>(top_bytes(runs, top.words, seen)) > top.share_max * all) return top.name;
  std::vector<uint64_t> long_runs;
  const auto repeated = static_cast<double>(said_before(runs, long_runs));
  if (repeated > kSaidBeforeMax * static_cast<double>(long_runs.size())) return "said_before";
  return std::nullopt;
}

}  // namespace harvest::quality

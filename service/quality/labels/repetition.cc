#include "service/quality/labels/repetition.h"

#include <algorithm>
#include <bit>
#include <cstdint>
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

/// How often each run was there so far: counted by its hash, in place.
class RunCounts {
 public:
  explicit RunCounts(size_t runs_max) : slots_(std::bit_ceil(2 * runs_max + 1)) {}
  void clear() { std::fill(slots_.begin(), slots_.end(), Slot()); }
  /// This one included.
  uint32_t add(uint64_t run) {
    size_t place = run & (slots_.size() - 1);
    while (slots_[place].count > 0 && slots_[place].run != run) place = (place + 1) & (slots_.size() - 1);
    slots_[place].run = run;
    return ++slots_[place].count;
  }

 private:
  struct Slot {
    uint64_t run = 0;
    uint32_t count = 0;
  };
  std::vector<Slot> slots_;
};

struct Counted {
  uint64_t top_bytes = 0;  ///< of the run whose places have most of them together, where it has several
  uint32_t most = 1;       ///< places of one run
  size_t repeated = 0;     ///< places whose run was there before
};

Counted count(const WordRuns& runs, size_t words, RunCounts& counts) {
  counts.clear();
  Counted counted;
  for (size_t i = 0; i + words <= runs.size(); ++i) {
    const uint32_t count = counts.add(runs.hash(i, words));
    if (count == 1) continue;
    counted.top_bytes = std::max(counted.top_bytes, count * runs.bytes(i, words));
    counted.most = std::max(counted.most, count);
    ++counted.repeated;
  }
  return counted;
}

uint64_t longest(const WordRuns& runs, size_t words) {
  uint64_t bytes = 0;
  for (size_t i = 0; i + words <= runs.size(); ++i) bytes = std::max(bytes, runs.bytes(i, words));
  return bytes;
}

}  // namespace

std::optional<std::string> find_repetition(const Judged& judged) {
  const std::vector<Word> words = words_of(judged.message.content());
  if (words.size() < kWordsLeast) return std::nullopt;
  const WordRuns runs(words);
  const auto all = static_cast<double>(runs.bytes(0, runs.size()));
  RunCounts counts(words.size());
  // Longer runs have no more places than the shortest, and none is there again that the shortest is not: of most
  // answers these alone are counted.
  const Counted shortest = count(runs, kTops[0].words, counts);
  for (const Top& top : kTops) {
    const double bytes_max = top.share_max * all;
    if (static_cast<double>(shortest.most * longest(runs, top.words)) <= bytes_max) continue;
    const Counted counted = top.words == kTops[0].words ? shortest : count(runs, top.words, counts);
    if (static_cast<double>(counted.top_bytes) > bytes_max) return top.name;
  }
  const double repeated_max = kSaidBeforeMax * static_cast<double>(words.size() - kLongRun + 1);
  if (static_cast<double>(shortest.repeated) > repeated_max &&
      static_cast<double>(count(runs, kLongRun, counts).repeated) > repeated_max)
    return "said_before";
  return std::nullopt;
}

}  // namespace harvest::quality

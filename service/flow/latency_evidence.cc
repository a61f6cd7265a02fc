#include "service/flow/latency_evidence.h"

#include <algorithm>

namespace harvest::flow {

namespace {
constexpr uint64_t kLookBack = 64;  // pairs of each dataset
// A crash closed our connections, and servers end what nobody reads; the longest window is what it can still weigh on.
constexpr std::chrono::microseconds kHoldMax = std::chrono::seconds(60);
}  // namespace

std::optional<std::chrono::microseconds> longest_recent_answer(const store::Store& store, const std::string& teacher) {
  std::optional<std::chrono::microseconds> longest;
  for (const v1::DatasetRecord& dataset : store.datasets()) {
    const uint64_t first = dataset.pairs() - std::min(dataset.pairs(), kLookBack);
    for (const store::Store::SequencedPair& sequenced : store.pairs(dataset.name(), first, kLookBack)) {
      if (sequenced.pair.teacher() != teacher || sequenced.pair.reused()) continue;
      const auto answer = store.answer(sequenced.pair.answer());
      if (!answer.ok()) continue;
      const std::chrono::microseconds took(answer->completed_at_us() - answer->requested_at_us());
      longest = std::max(longest.value_or(took), took);
    }
  }
  return longest;
}

std::chrono::microseconds hold_time(int64_t started_at_us, int64_t utc_us,
                                    std::optional<std::chrono::microseconds> longest_answer) {
  if (!longest_answer) return kHoldMax;
  const std::chrono::microseconds left = std::chrono::microseconds(started_at_us - utc_us) + 2 * *longest_answer;
  return std::clamp(left, std::chrono::microseconds(0), kHoldMax);
}

}  // namespace harvest::flow

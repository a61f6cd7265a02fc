#include "service/flow/job_pairs.h"

namespace harvest::flow {

namespace {

constexpr size_t kPairsPage = 512;
// Pairs of a job are stored after it was created, but for a clock that was put back.
constexpr int64_t kClockBackUs = 900'000'000;

/// The first pair of the dataset that was stored at this time or later.
uint64_t first_since(const store::Store& store, const std::string& dataset, uint64_t pairs, int64_t utc_us) {
  uint64_t low = 0, high = pairs;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    const auto row = store.pairs(dataset, middle, 1);
    if (!row.empty() && row.front().pair.stored_at_us() < utc_us)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

}  // namespace

absl::Status each_pair_of(const store::Store& store, const v1::JobRecord& record,
                          const std::function<bool(const v1::Pair&)>& show) {
  const auto dataset = store.dataset(record.job().dataset());
  if (!dataset.ok()) return dataset.status();
  uint64_t next = first_since(store, dataset->name(), dataset->pairs(), record.created_at_us() - kClockBackUs);
  for (;;) {
    const auto page = store.pairs(dataset->name(), next, kPairsPage);
    if (page.empty()) return absl::OkStatus();
    for (const store::Store::SequencedPair& row : page)
      if (row.pair.job_number() == record.number() && !show(row.pair)) return absl::OkStatus();
    next = page.back().sequence + 1;
  }
}

}  // namespace harvest::flow

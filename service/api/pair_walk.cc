#include "service/api/pair_walk.h"

#include <algorithm>
#include <utility>

namespace harvest::api {
namespace {

constexpr size_t kPairsPage = 64;
constexpr auto kFollowEvery = std::chrono::milliseconds(500);

FeedStep<v1::PairRecord> failed(absl::Status status) {
  FeedStep<v1::PairRecord> step;
  step.status = std::move(status);
  return step;
}

}  // namespace

PairWalk::PairWalk(const store::Store& store, std::string dataset, corpus::Where where, Bounds bounds)
    : store_(store),
      dataset_(std::move(dataset)),
      filter_(std::move(where)),
      bounds_(bounds),
      renderer_(store),
      next_sequence_(bounds.first) {}

FeedStep<v1::PairRecord> PairWalk::next() {
  FeedStep<v1::PairRecord> step;
  if (next_in_page_ == page_.size()) {
    const uint64_t left = bounds_.follow ? kPairsPage : bounds_.end - std::min(bounds_.end, next_sequence_);
    page_.clear();
    if (left > 0) page_ = store_.pairs(dataset_, next_sequence_, std::min<uint64_t>(kPairsPage, left));
    next_in_page_ = 0;
    if (page_.empty()) {
      step.last = !bounds_.follow;
      step.pause = kFollowEvery;
      return step;
    }
  }
  while (next_in_page_ < page_.size()) {
    const store::Store::SequencedPair& pair = page_[next_in_page_++];
    next_sequence_ = pair.sequence + 1;
    v1::PairRecord record;
    const auto readable = renderer_.append(pair, *record.mutable_record_json());
    if (!readable.ok()) return failed(readable.status());
    if (!*readable) continue;  // of a dialect that this version has not: no shard holds it either
    if (!filter_.admits(record.record_json())) continue;
    record.set_dataset(dataset_);
    record.set_sequence(pair.sequence);
    record.set_line(renderer_.line());
    step.value = std::move(record);
    step.last = ++handed_out_ == bounds_.limit;
    break;
  }
  return step;
}

}  // namespace harvest::api

#include "service/publish/segment_cutter.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_format.h"
#include "service/publish/pair_range.h"
#include "service/publish/shard_facts.h"
#include "storage/corpus/record.h"

namespace harvest::publish {

SegmentCutter::SegmentCutter(const store::Store& store, RowMaker& rows, std::string dataset, std::string prefix,
                             std::string shard_directory, corpus::ShardFormat format, CutBounds bounds)
    : store_(store),
      rows_(rows),
      dataset_(std::move(dataset)),
      prefix_(std::move(prefix)),
      shard_directory_(std::move(shard_directory)),
      format_(format),
      bounds_(bounds) {}

absl::StatusOr<v1::Cut> SegmentCutter::cut(const v1::Segment& segment) {
  begin(segment.number());
  const absl::Status added = each_pair(store_, dataset_, segment.first(), segment.end(),
                                       [this](const store::Store::SequencedPair& pair) { return add(pair); });
  if (!added.ok()) return added;
  return finish();
}

absl::StatusOr<v1::Cut> SegmentCutter::cut(uint64_t segment, const std::vector<uint64_t>& sequences) {
  begin(segment);
  for (const uint64_t sequence : sequences) {
    const absl::Status added = each_pair(store_, dataset_, sequence, sequence + 1,
                                         [this](const store::Store::SequencedPair& pair) { return add(pair); });
    if (!added.ok()) return added;
  }
  return finish();
}

void SegmentCutter::begin(uint64_t segment) {
  segment_ = segment;
  parts_ = 0;
  buffered_bytes_ = 0;
  groups_.clear();
  sealed_.clear();
  dropped_.clear();
}

absl::StatusOr<v1::Cut> SegmentCutter::finish() {
  const absl::Status sealed = seal_all();
  if (!sealed.ok()) return sealed;
  v1::Cut cut;
  cut.set_segment(segment_);
  for (auto& [part, shard] : sealed_) *cut.add_shards() = std::move(shard);
  cut.mutable_dropped()->insert(dropped_.begin(), dropped_.end());
  return cut;
}

absl::Status SegmentCutter::add(const store::Store::SequencedPair& sequenced) {
  const auto rule = rows_.make_row(sequenced);
  if (!rule.ok()) return rule.status();
  if (!rule->empty()) {
    ++dropped_[std::string(*rule)];
    return absl::OkStatus();
  }
  const v1::Pair& pair = sequenced.pair;
  const std::string& line = rows_.line();
  const Key key(pair.teacher(), pair.source(), corpus::licence_of(pair, rows_.rights()), pair.rights_version());
  const absl::Status room = make_room(key, line.size() + 1);
  if (!room.ok()) return room;
  open(key, pair).writer.add(line, pair.record_id());
  buffered_bytes_ += line.size() + 1;
  return absl::OkStatus();
}

absl::Status SegmentCutter::make_room(const Key& key, size_t bytes) {
  if (const auto group = groups_.find(key);
      group != groups_.end() && group->second.writer.raw_bytes() + bytes > bounds_.shard_raw_bytes) {
    const absl::Status sealed = seal(group);
    if (!sealed.ok()) return sealed;
  }
  if (buffered_bytes_ + bytes <= bounds_.buffered_bytes || groups_.empty()) return absl::OkStatus();
  // Ties go to the first key, so that the same pairs always seal the same shards.
  const auto largest = std::max_element(groups_.begin(), groups_.end(), [](const auto& a, const auto& b) {
    return a.second.writer.raw_bytes() < b.second.writer.raw_bytes();
  });
  return seal(largest);
}

SegmentCutter::Group& SegmentCutter::open(const Key& key, const v1::Pair& pair) {
  if (const auto group = groups_.find(key); group != groups_.end()) return group->second;
  const uint32_t part = parts_++;
  Group group{corpus::ShardWriter(shard_directory_, absl::StrFormat("%s-%06d-%02d", prefix_, segment_, part), format_,
                                  rows_.profile()),
              part, facts_of(pair, rows_.rights())};
  group.facts.set_segment(segment_);
  return groups_.emplace(key, std::move(group)).first->second;
}

absl::Status SegmentCutter::seal(std::map<Key, Group>::iterator group) {
  auto shard = group->second.writer.seal();
  if (!shard.ok()) return shard.status();
  shard->MergeFrom(group->second.facts);
  buffered_bytes_ -= group->second.writer.raw_bytes();
  sealed_[group->second.part] = *std::move(shard);
  groups_.erase(group);
  return absl::OkStatus();
}

absl::Status SegmentCutter::seal_all() {
  while (!groups_.empty()) {
    const absl::Status sealed = seal(groups_.begin());
    if (!sealed.ok()) return sealed;
  }
  return absl::OkStatus();
}

}  // namespace harvest::publish

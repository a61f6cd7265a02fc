#include "service/publish/snapshot_cutter.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "service/publish/pair_range.h"
#include "service/publish/shard_facts.h"
#include "storage/corpus/digest.h"
#include "storage/corpus/shard_writer.h"

namespace harvest::publish {
namespace {

/// A shard is packed whole, in memory.
constexpr size_t kSnapshotShardBytesMax = size_t{1} << 30;

}  // namespace

SnapshotCutter::SnapshotCutter(const store::Store& store, RowMaker& rows, std::string dataset, const v1::View& view,
                               std::string prefix, std::string shard_directory)
    : store_(store),
      rows_(rows),
      dataset_(std::move(dataset)),
      view_(view),
      prefix_(std::move(prefix)),
      shard_directory_(std::move(shard_directory)) {}

absl::Status SnapshotCutter::find_rows(uint64_t end) {
  places_.clear();
  dropped_.clear();
  std::vector<Sibling> siblings;
  const bool compares = rows_.profile() == corpus::Profile::kRecord || rows_.profile() == corpus::Profile::kPreference;
  if (compares) rows_.listen();
  const absl::Status found = each_pair(store_, dataset_, 0, end, [&](const store::Store::SequencedPair& pair) {
    const auto rule = rows_.make_row(pair);
    if (!rule.ok()) return rule.status();
    if (!rule->empty()) {
      ++dropped_[std::string(*rule)];
      return absl::OkStatus();
    }
    const corpus::Digest digest =
        corpus::sha256(absl::StrCat("harvest snapshot\n", dataset_, "\n", pair.pair.record_id()));
    Place& place = places_.emplace_back();
    std::copy_n(digest.begin(), place.key.size(), place.key.begin());
    place.sequence = pair.sequence;
    place.agreement = -1;
    if (compares)
      siblings.push_back({pair.pair.job_number(), pair.pair.prompt(), pair.pair.sample(), pair.pair.choice(),
                          pair.sequence, places_.size() - 1, rows_.said(), rows_.standing()});
    return absl::OkStatus();
  });
  if (found.ok() && compares) compare(std::move(siblings));
  std::sort(places_.begin(), places_.end());
  return found;
}

void SnapshotCutter::compare(std::vector<Sibling> siblings) {
  if (rows_.profile() == corpus::Profile::kRecord) {
    const std::vector<double> shares = agreements(std::move(siblings), places_.size());
    for (size_t i = 0; i < places_.size(); ++i) places_[i].agreement = static_cast<float>(shares[i]);
    return;
  }
  std::vector<Place> rows;
  for (const auto& [chosen, rejected] : preferences(std::move(siblings))) {
    rows.push_back(places_[chosen]);
    rows.back().rejected = places_[rejected].sequence;
  }
  if (const size_t left = places_.size() - 2 * rows.size(); left > 0) dropped_["prefer"] += left;
  places_ = std::move(rows);
}

absl::StatusOr<v1::Shard> SnapshotCutter::make_row(const Place& place, std::string& id) {
  const auto pairs = store_.pairs(dataset_, place.sequence, 1);
  if (pairs.empty()) return absl::InternalError("a pair is gone");
  const store::Store::SequencedPair& pair = pairs.front();
  id = pair.pair.record_id();
  if (rows_.profile() == corpus::Profile::kPreference) {
    const auto others = store_.pairs(dataset_, place.rejected, 1);
    if (others.empty()) return absl::InternalError("a pair is gone");
    const absl::Status made = rows_.make_preference(pair, others.front());
    if (!made.ok()) return made;
    v1::Shard facts = facts_of(pair.pair, rows_.rights());
    widen(facts, facts_of(others.front().pair, rows_.rejected_rights()));
    return facts;
  }
  const auto rule = rows_.make_row(pair, place.agreement);
  if (!rule.ok()) return rule.status();
  // Invariant: the same pair under the same rights gives the same row.
  if (!rule->empty()) return absl::InternalError(absl::StrCat("a pair that had a row has none: ", std::string(*rule)));
  return facts_of(pair.pair, rows_.rights());
}

absl::StatusOr<v1::Shard> SnapshotCutter::write_shard(size_t first, size_t last, uint32_t number) {
  // Read in the order of the store, written in that of the keys.
  std::vector<size_t> by_sequence(last - first);
  std::iota(by_sequence.begin(), by_sequence.end(), first);
  std::sort(by_sequence.begin(), by_sequence.end(),
            [this](size_t a, size_t b) { return places_[a].sequence < places_[b].sequence; });
  std::vector<std::pair<std::string, std::string>> rows(last - first);  // id, line
  v1::Shard facts;
  size_t bytes = 0;
  for (const size_t at : by_sequence) {
    std::string id;
    const auto one = make_row(places_[at], id);
    if (!one.ok()) return one.status();
    rows[at - first] = {std::move(id), rows_.line()};
    bytes += rows_.line().size();
    if (bytes > kSnapshotShardBytesMax)
      return absl::FailedPreconditionError(absl::StrCat("shards: found ", view_.shards(), " for ", places_.size(),
                                                        " rows, expected more: one of them has over ",
                                                        kSnapshotShardBytesMax, " bytes"));
    if (at == by_sequence.front())
      facts = *one;
    else
      widen(facts, *one);
  }
  const auto format = corpus::parse_format(view_.format());
  if (!format.ok()) return format.status();
  corpus::ShardWriter writer(shard_directory_, absl::StrFormat("%s-%05d-of-%05d", prefix_, number, view_.shards()),
                             *format, rows_.profile());
  for (const auto& [id, line] : rows) writer.add(line, id);
  auto shard = writer.seal();
  if (!shard.ok()) return shard.status();
  shard->MergeFrom(facts);
  return shard;
}

absl::StatusOr<v1::Cut> SnapshotCutter::cut(uint64_t end, uint64_t segment) {
  const absl::Status found = find_rows(end);
  if (!found.ok()) return found;
  const size_t shards = view_.shards();
  if (places_.size() < shards)
    return absl::FailedPreconditionError(
        absl::StrCat("shards: found ", shards, " for ", places_.size(), " rows, expected no more shards than rows"));
  v1::Cut cut;
  cut.set_segment(segment);
  for (size_t i = 0; i < shards; ++i) {
    auto shard = write_shard(places_.size() * i / shards, places_.size() * (i + 1) / shards, static_cast<uint32_t>(i));
    if (!shard.ok()) return shard.status();
    *cut.add_shards() = *std::move(shard);
  }
  cut.mutable_dropped()->insert(dropped_.begin(), dropped_.end());
  return cut;
}

}  // namespace harvest::publish

#include "service/publish/segment_cutter.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "service/publish/view.h"
#include "storage/corpus/record.h"

namespace harvest::publish {
namespace {

/// Enough to make a read worth its while, little enough to hold.
constexpr size_t kPairsPerRead = 256;

constexpr char kUnreadable[] = "answer_unreadable";
constexpr char kFilter[] = "where";
constexpr char kProfile[] = "profile";

template <typename Texts>
void copy_sorted(const std::set<std::string>& from, Texts* to) {
  for (const std::string& text : from) *to->Add() = text;
}

v1::Shard shared_facts(const v1::Pair& pair, const v1::Rights& rights, uint64_t segment) {
  v1::Shard facts;
  facts.add_teachers(pair.teacher());
  facts.add_licences(corpus::licence_of(pair, rights));
  facts.set_prompt_source(pair.source());
  std::set<std::string> purposes;
  for (int purpose : rights.permits()) purposes.emplace(rights::purpose_name(static_cast<v1::Purpose>(purpose)));
  copy_sorted(purposes, facts.mutable_purposes());
  copy_sorted({rights.obligations().begin(), rights.obligations().end()}, facts.mutable_obligations());
  facts.set_segment(segment);
  facts.set_self_attested(rights.self_attested());
  return facts;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SegmentCutter>> SegmentCutter::make(const store::Store& store, const ExportGate& gate,
                                                                   std::string dataset, const v1::View& view,
                                                                   std::string shard_directory, CutBounds bounds) {
  const auto format = corpus::parse_format(view.format());
  if (!format.ok()) return format.status();
  const auto profile = corpus::parse_profile(view.profile());
  if (!profile.ok()) return profile.status();
  auto where = corpus::Where::parse(view.where());
  if (!where.ok()) return where.status();
  std::string prefix = view.name() == kDefaultView ? dataset : absl::StrCat(dataset, "-", view.name());
  return std::unique_ptr<SegmentCutter>(new SegmentCutter(store, gate, std::move(dataset), std::move(prefix),
                                                          std::move(shard_directory), *format, *profile,
                                                          *std::move(where), bounds));
}

SegmentCutter::SegmentCutter(const store::Store& store, const ExportGate& gate, std::string dataset,
                             std::string shard_prefix, std::string shard_directory, corpus::ShardFormat format,
                             corpus::Profile profile, corpus::Where where, CutBounds bounds)
    : store_(store),
      gate_(gate),
      renderer_(store),
      dataset_(std::move(dataset)),
      shard_prefix_(std::move(shard_prefix)),
      shard_directory_(std::move(shard_directory)),
      format_(format),
      profile_(profile),
      where_(std::move(where)),
      row_(where_.columns()),
      bounds_(bounds) {}

absl::StatusOr<v1::Cut> SegmentCutter::cut(const v1::Segment& segment) {
  segment_ = segment.number();
  parts_ = 0;
  buffered_bytes_ = 0;
  groups_.clear();
  sealed_.clear();
  dropped_.clear();
  for (uint64_t next = segment.first(); next < segment.end();) {
    const auto pairs = store_.pairs(dataset_, next, std::min<uint64_t>(kPairsPerRead, segment.end() - next));
    if (pairs.empty())
      return absl::InternalError(absl::StrCat("dataset ", dataset_, " has no pair ", next, " of segment ", segment_,
                                              ", which ends at ", segment.end()));
    for (const auto& pair : pairs) {
      const absl::Status added = add(pair);
      if (!added.ok()) return added;
    }
    next = pairs.back().sequence + 1;
  }
  const absl::Status sealed = seal_all();
  if (!sealed.ok()) return sealed;
  v1::Cut cut;
  cut.set_segment(segment_);
  for (auto& [part, shard] : sealed_) *cut.add_shards() = std::move(shard);
  cut.mutable_dropped()->insert(dropped_.begin(), dropped_.end());
  return cut;
}

absl::Status SegmentCutter::add(const store::Store::SequencedPair& sequenced) {
  const v1::Pair& pair = sequenced.pair;
  const auto stamped = renderer_.rights(pair);
  if (!stamped.ok()) return stamped.status();
  const rights::Rule rule = gate_.judge(pair, **stamped);
  if (rule != rights::Rule::kPermitted) {
    ++dropped_[std::string(rights::rule_name(rule))];
    return absl::OkStatus();
  }
  const auto facts = renderer_.facts(sequenced);
  if (!facts.ok()) return facts.status();
  if (const std::string_view rule = facts->has_value() ? write_line(**facts) : kUnreadable; !rule.empty()) {
    ++dropped_[std::string(rule)];
    return absl::OkStatus();
  }
  const auto governing = renderer_.rights(pair);  // facts() may have read others in between
  if (!governing.ok()) return governing.status();
  const Key key(pair.teacher(), pair.source(), corpus::licence_of(pair, **governing), pair.rights_version());
  const absl::Status room = make_room(key, line_.size() + 1);
  if (!room.ok()) return room;
  open(key, pair, **governing).writer.add(line_, pair.record_id());
  buffered_bytes_ += line_.size() + 1;
  return absl::OkStatus();
}

/// The rule that keeps it out; empty: line_ holds it.
std::string_view SegmentCutter::write_line(const corpus::RecordFacts& facts) {
  line_.clear();
  if (!where_.all()) {
    corpus::append_record(line_, facts);
    if (!row_.read(line_).ok()) return kUnreadable;
    if (!where_.admits(row_)) return kFilter;
    if (profile_ == corpus::Profile::kRecord) return {};
    line_.clear();
  }
  return corpus::append_row(line_, profile_, facts) ? std::string_view() : kProfile;
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

SegmentCutter::Group& SegmentCutter::open(const Key& key, const v1::Pair& pair, const v1::Rights& rights) {
  if (const auto group = groups_.find(key); group != groups_.end()) return group->second;
  const uint32_t part = parts_++;
  Group group{
      corpus::ShardWriter(shard_directory_, absl::StrFormat("%s-%06d-%02d", shard_prefix_, segment_, part), format_),
      part, shared_facts(pair, rights, segment_)};
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

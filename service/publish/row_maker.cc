#include "service/publish/row_maker.h"

#include <cstring>

#include "service/conversation/conversation.h"
#include "storage/corpus/digest.h"
#include "storage/corpus/final_answer.h"

namespace harvest::publish {
namespace {

constexpr std::string_view kUnreadable = "answer_unreadable";
constexpr std::string_view kFilter = "where";
constexpr std::string_view kProfile = "profile";

uint64_t hash_of(std::string_view text) {
  const corpus::Digest digest = corpus::sha256(text);
  uint64_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RowMaker>> RowMaker::make(const store::Store& store, const ExportGate& gate,
                                                         const v1::View& view) {
  const auto profile = corpus::parse_profile(view.profile());
  if (!profile.ok()) return profile.status();
  auto filter = corpus::Filter::parse(view.where());
  if (!filter.ok()) return filter.status();
  std::unique_ptr<RowMaker> rows(new RowMaker(store, gate, *std::move(filter), *profile));
  if (*profile == corpus::Profile::kPreference) {
    auto preference = corpus::Preference::parse(view.prefer());
    if (!preference.ok()) return preference.status();
    rows->preference_.emplace(*std::move(preference));
  }
  return rows;
}

absl::StatusOr<rights::Rule> RowMaker::judge(const v1::Pair& pair, int generation) {
  const auto stamped = renderer_.rights(pair);
  if (!stamped.ok()) return stamped.status();
  const rights::Rule rule = gate_.judge(pair, **stamped);
  if (rule != rights::Rule::kPermitted || generation == conversation::kGenerationsMax) return rule;
  // Turns are of one teacher: those before it are judged with it.
  for (const std::string& record_id : conversation::made_from(pair)) {
    auto parent = store_.find_pair(record_id);
    if (!parent.ok()) return parent.status();
    // What the parent said is used as its child is.
    *parent->pair.pair.mutable_use() = pair.use();
    const auto of_parent = judge(parent->pair.pair, generation + 1);
    if (!of_parent.ok() || *of_parent != rights::Rule::kPermitted) return of_parent;
  }
  return rule;
}

absl::StatusOr<std::string_view> RowMaker::make_row(const store::Store::SequencedPair& pair, double agreement) {
  const auto rule = judge(pair.pair, 0);
  if (!rule.ok()) return rule.status();
  if (*rule != rights::Rule::kPermitted) return rights::rule_name(*rule);
  auto facts = renderer_.facts(pair);
  if (!facts.ok()) return facts.status();
  if (facts->has_value()) (*facts)->agreement = agreement;
  const std::string_view kept_out = facts->has_value() ? write_line(**facts) : kUnreadable;
  if (!kept_out.empty()) return kept_out;
  const auto governing = renderer_.rights(pair.pair);  // facts() may have read others in between
  if (!governing.ok()) return governing.status();
  rights_ = *governing;
  return std::string_view();
}

absl::Status RowMaker::make_preference(const store::Store::SequencedPair& chosen,
                                       const store::Store::SequencedPair& rejected) {
  const auto better = renderer_.facts(chosen);
  if (!better.ok()) return better.status();
  const auto worse = rejected_.facts(rejected);
  if (!worse.ok()) return worse.status();
  line_.clear();
  // Invariant: both were looked at in this run.
  if (!better->has_value() || !worse->has_value() || !corpus::append_preference(line_, **better, **worse))
    return absl::InternalError("two pairs that had a row have none");
  rights_ = &(*better)->rights;
  rejected_rights_ = &(*worse)->rights;
  return absl::OkStatus();
}

/// How the pair stands beside its siblings, where it can be in a row at all.
std::string_view RowMaker::stand(const corpus::RecordFacts& facts) {
  line_.clear();
  corpus::append_record(line_, facts);
  const auto standing = preference_->standing(line_);
  if (!standing.ok()) return kUnreadable;
  standing_ = *standing;
  line_.clear();
  return corpus::append_preference(line_, facts, facts) ? std::string_view() : kProfile;
}

std::string_view RowMaker::write_line(const corpus::RecordFacts& facts) {
  line_.clear();
  if (wants_said_) said_ = hash_of(corpus::final_answer(facts.message.content()));
  if (!filter_.all() && facts.agreement < 0) {  // else it passed when it was first looked at
    corpus::append_record(line_, facts);
    const auto passes = filter_.passes(line_);
    if (!passes.ok()) return kUnreadable;
    if (!*passes) return kFilter;
    if (profile_ == corpus::Profile::kRecord) return {};
    line_.clear();
  }
  if (preference_) return stand(facts);
  return corpus::append_row(line_, profile_, facts) ? std::string_view() : kProfile;
}

}  // namespace harvest::publish

#include "service/publish/row_maker.h"

#include "service/conversation/conversation.h"

namespace harvest::publish {
namespace {

constexpr std::string_view kUnreadable = "answer_unreadable";
constexpr std::string_view kFilter = "where";
constexpr std::string_view kProfile = "profile";
/// Pairs made from pairs made from pairs: so far back rights are looked at. Licences travel without an end.
constexpr int kGenerationsMax = 16;

}  // namespace

absl::StatusOr<std::unique_ptr<RowMaker>> RowMaker::make(const store::Store& store, const ExportGate& gate,
                                                         const v1::View& view) {
  const auto profile = corpus::parse_profile(view.profile());
  if (!profile.ok()) return profile.status();
  auto where = corpus::Where::parse(view.where());
  if (!where.ok()) return where.status();
  return std::unique_ptr<RowMaker>(new RowMaker(store, gate, *std::move(where), *profile));
}

absl::StatusOr<rights::Rule> RowMaker::judge(const v1::Pair& pair, int generation) {
  const auto stamped = renderer_.rights(pair);
  if (!stamped.ok()) return stamped.status();
  const rights::Rule rule = gate_.judge(pair, **stamped);
  if (rule != rights::Rule::kPermitted || generation == kGenerationsMax) return rule;
  // Turns are of one teacher: those before it are judged with it.
  const int made_from = pair.parent_record_ids_size() - conversation::turns_before(pair).size();
  for (int i = 0; i < made_from; ++i) {
    auto parent = store_.find_pair(pair.parent_record_ids(i));
    if (!parent.ok()) return parent.status();
    // What the parent said is used as its child is.
    *parent->pair.pair.mutable_use() = pair.use();
    const auto of_parent = judge(parent->pair.pair, generation + 1);
    if (!of_parent.ok() || *of_parent != rights::Rule::kPermitted) return of_parent;
  }
  return rule;
}

absl::StatusOr<std::string_view> RowMaker::make_row(const store::Store::SequencedPair& pair) {
  const auto rule = judge(pair.pair, 0);
  if (!rule.ok()) return rule.status();
  if (*rule != rights::Rule::kPermitted) return rights::rule_name(*rule);
  const auto facts = renderer_.facts(pair);
  if (!facts.ok()) return facts.status();
  const std::string_view kept_out = facts->has_value() ? write_line(**facts) : kUnreadable;
  if (!kept_out.empty()) return kept_out;
  const auto governing = renderer_.rights(pair.pair);  // facts() may have read others in between
  if (!governing.ok()) return governing.status();
  rights_ = *governing;
  return std::string_view();
}

std::string_view RowMaker::write_line(const corpus::RecordFacts& facts) {
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

}  // namespace harvest::publish

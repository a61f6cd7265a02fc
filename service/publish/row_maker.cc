#include "service/publish/row_maker.h"

namespace harvest::publish {
namespace {

constexpr std::string_view kUnreadable = "answer_unreadable";
constexpr std::string_view kFilter = "where";
constexpr std::string_view kProfile = "profile";

}  // namespace

absl::StatusOr<std::unique_ptr<RowMaker>> RowMaker::make(const store::Store& store, const ExportGate& gate,
                                                         const v1::View& view) {
  const auto profile = corpus::parse_profile(view.profile());
  if (!profile.ok()) return profile.status();
  auto where = corpus::Where::parse(view.where());
  if (!where.ok()) return where.status();
  return std::unique_ptr<RowMaker>(new RowMaker(store, gate, *std::move(where), *profile));
}

absl::StatusOr<std::string_view> RowMaker::make_row(const store::Store::SequencedPair& pair) {
  const auto stamped = renderer_.rights(pair.pair);
  if (!stamped.ok()) return stamped.status();
  const rights::Rule rule = gate_.judge(pair.pair, **stamped);
  if (rule != rights::Rule::kPermitted) return rights::rule_name(rule);
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

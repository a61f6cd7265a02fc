#include "client/cpp/reconciliation.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "proto/text/money.h"
#include "proto/text/time.h"

namespace harvest::client {
namespace {

using Line = Reconciliation::Line;

void add(std::optional<int64_t>& sum, const std::optional<int64_t>& more) {
  if (more) sum = sum.value_or(0) + *more;
}

void add(Line& sum, const Line& line) {
  sum.spent_picodollars += line.spent_picodollars;
  sum.at_risk_picodollars += line.at_risk_picodollars;
  sum.input_tokens += line.input_tokens;
  sum.output_tokens += line.output_tokens;
  add(sum.billed_picodollars, line.billed_picodollars);
  add(sum.billed_input_tokens, line.billed_input_tokens);
  add(sum.billed_output_tokens, line.billed_output_tokens);
}

absl::StatusOr<Line> read(const v1::Bill::Line& bill) {
  Line line;
  const auto day = text::parse_day(bill.day());
  const auto spent = text::parse_usd(bill.spent_usd()), at_risk = text::parse_usd(bill.at_risk_usd());
  for (const absl::Status& status : {day.status(), spent.status(), at_risk.status()})
    if (!status.ok()) return absl::InternalError(absl::StrCat("the bill cannot be read: ", status.message()));
  line.day = *day;
  line.model = bill.model();
  line.spent_picodollars = *spent;
  line.at_risk_picodollars = *at_risk;
  line.input_tokens = static_cast<int64_t>(bill.input_tokens());
  line.output_tokens = static_cast<int64_t>(bill.output_tokens());
  return line;
}

bool tokens_agree(const Line& line, int64_t ours, const std::optional<int64_t>& theirs) {
  return !theirs || *theirs == ours || (line.at_risk_picodollars > 0 && *theirs > ours);
}

bool agrees(const Line& line) {
  if (!line.billed_picodollars)
    return tokens_agree(line, line.input_tokens, line.billed_input_tokens) &&
           tokens_agree(line, line.output_tokens, line.billed_output_tokens);
  const int64_t more = *line.billed_picodollars - line.spent_picodollars;
  return more >= -kTolerancePicodollars && more <= line.at_risk_picodollars + kTolerancePicodollars;
}

/// Are its costs told by model? Of an export without any: are its tokens?
bool names_models(const UsageExport& usage) {
  const auto has_cost = [](const UsageExport::Line& line) { return line.cost_picodollars.has_value(); };
  const bool costs = std::any_of(usage.lines.begin(), usage.lines.end(), has_cost);
  return std::any_of(usage.lines.begin(), usage.lines.end(),
                     [&](const UsageExport::Line& line) { return !line.model.empty() && (has_cost(line) || !costs); });
}

}  // namespace

bool is_same_model(std::string_view ours, std::string_view theirs) {
  const auto lower = [](std::string_view name) { return absl::AsciiStrToLower({name.data(), name.size()}); };
  const std::string known = lower(ours), named = lower(theirs);
  const std::string& longer = known.size() > named.size() ? known : named;
  const std::string& shorter = known.size() > named.size() ? named : known;
  if (shorter.empty() || !longer.starts_with(shorter)) return false;
  const std::string_view version = std::string_view(longer).substr(shorter.size());
  constexpr size_t kVersionBytesMin = 5;  // "-0613"
  return version.empty() || (version.size() >= kVersionBytesMin && (version[0] == '-' || version[0] == '@') &&
                             version.substr(1).find_first_not_of("0123456789-") == std::string_view::npos);
}

absl::StatusOr<Reconciliation> reconcile(const v1::Bill& bill, const UsageExport& usage) {
  const bool by_model = names_models(usage);
  const bool costs = std::any_of(usage.lines.begin(), usage.lines.end(),
                                 [](const UsageExport::Line& line) { return line.cost_picodollars.has_value(); });
  const bool one_vendor =
      !usage.vendor.empty() && std::any_of(bill.lines().begin(), bill.lines().end(),
                                           [&](const v1::Bill::Line& line) { return line.vendor() == usage.vendor; });
  std::map<std::pair<int64_t, std::string>, Line> lines;
  std::set<std::string> models;
  const auto book = [&](Line line) {
    if (!by_model) line.model.clear();
    Line& here = lines[{line.day, line.model}];
    here.day = line.day;
    here.model = line.model;
    if (costs && !here.billed_picodollars) here.billed_picodollars = 0;  // what the vendor leaves out it did not bill
    add(here, line);
  };
  for (const v1::Bill::Line& billed : bill.lines()) {
    if (one_vendor && billed.vendor() != usage.vendor) continue;
    auto line = read(billed);
    if (!line.ok()) return line.status();
    models.insert(line->model);
    book(*std::move(line));
  }
  for (const UsageExport::Line& theirs : usage.lines) {
    Line line;
    line.day = theirs.day;
    // The exact name first: a model may be asked under its plain and under its dated name.
    const auto ours = models.contains(theirs.model)
                          ? models.find(theirs.model)
                          : std::find_if(models.begin(), models.end(),
                                         [&](const std::string& model) { return is_same_model(model, theirs.model); });
    line.model = ours == models.end() ? theirs.model : *ours;
    line.billed_picodollars = theirs.cost_picodollars;
    line.billed_input_tokens = theirs.input_tokens;
    line.billed_output_tokens = theirs.output_tokens;
    book(std::move(line));
  }
  Reconciliation result;
  result.total.agrees = true;
  for (auto& [key, line] : lines) {
    line.agrees = agrees(line);
    add(result.total, line);
    result.total.agrees &= line.agrees;
    result.lines.push_back(std::move(line));
  }
  return result;
}

}  // namespace harvest::client

#include "service/rights/rights.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace harvest::rights {
namespace {

/// Dates of this one form compare as text.
bool is_date(std::string_view text) {
  if (text.size() != 10) return false;
  for (size_t i = 0; i < text.size(); ++i)
    if (i == 4 || i == 7 ? text[i] != '-' : !absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) return false;
  return true;
}

bool has_condition(const v1::Rights& rights, std::string_view condition) {
  return std::find(rights.conditions().begin(), rights.conditions().end(), condition) != rights.conditions().end();
}

bool has_unjudged_condition(const v1::Rights& rights) {
  return std::any_of(rights.conditions().begin(), rights.conditions().end(), [](const std::string& condition) {
    return condition != kNoCompeting && condition != kNoDistribution;
  });
}

std::string permitted(const v1::Rights& rights) {
  if (rights.permits().empty()) return "nothing";
  return absl::StrJoin(rights.permits(), ", ", [](std::string* out, int purpose) {
    out->append(purpose_name(static_cast<v1::Purpose>(purpose)));
  });
}

std::string conditions(const v1::Rights& rights) {
  return absl::StrCat("\"", absl::StrJoin(rights.conditions(), "\", \""), "\"");
}

/// "teacher qwen (licence Apache-2.0)"
std::string whose(const v1::Teacher& teacher) {
  const std::string& licence = teacher.rights().licence();
  return absl::StrCat("teacher ", teacher.name(), " (licence ", licence.empty() ? "not named" : licence, ")");
}

absl::Status refusal(Rule rule, const v1::Teacher& teacher, const v1::Use& use, std::string_view today,
                     std::string_view what) {
  const v1::Rights& rights = teacher.rights();
  std::string message;
  switch (rule) {
    case Rule::kPermitted:
      return absl::OkStatus();
    case Rule::kNoRights:
      message = absl::StrCat("teacher ", teacher.name(),
                             " has no rights record, so nothing is permitted: state licence, "
                             "permits and evidence under its `rights`");
      break;
    case Rule::kPurposeUnstated:
      message = absl::StrCat("the use states no purpose; expected one of those that ", whose(teacher),
                             " permits: ", permitted(rights));
      break;
    case Rule::kPurposeNotPermitted:
      message = absl::StrCat(whose(teacher), " permits ", permitted(rights), "; asked for ",
                             std::string(purpose_name(use.purpose())));
      break;
    case Rule::kRightsExpired:
      message = is_date(rights.expires_on())
                    ? absl::StrCat("the rights of ", whose(teacher), " ended with ", rights.expires_on(),
                                   " (UTC); today is ", std::string(today))
                    : absl::StrCat("the rights of ", whose(teacher), " have expires_on \"", rights.expires_on(),
                                   "\"; expected YYYY-MM-DD");
      break;
    case Rule::kCompetingNotPermitted:
      message = absl::StrCat(whose(teacher), " has conditions ", conditions(rights),
                             "; asked for a use that competes with its vendor");
      break;
    case Rule::kDistributionNotPermitted:
      message = absl::StrCat(whose(teacher), " has conditions ", conditions(rights),
                             "; asked for a use that will be distributed");
      break;
  }
  return absl::PermissionDeniedError(absl::StrCat(std::string(what), ": ", message));
}

}  // namespace

std::string_view rule_name(Rule rule) {
  switch (rule) {
    case Rule::kPermitted:
      return "permitted";
    case Rule::kNoRights:
      return "rights_missing";
    case Rule::kPurposeUnstated:
      return "purpose_unstated";
    case Rule::kPurposeNotPermitted:
      return "purpose_not_permitted";
    case Rule::kRightsExpired:
      return "rights_expired";
    case Rule::kCompetingNotPermitted:
      return "competing_not_permitted";
    case Rule::kDistributionNotPermitted:
      return "distribution_not_permitted";
  }
  return "unknown";
}

Rule judge(const v1::Rights& rights, const v1::Use& use, std::string_view today) {
  if (rights.licence().empty() && rights.permits().empty()) return Rule::kNoRights;
  if (use.purpose() == v1::PURPOSE_UNSPECIFIED) return Rule::kPurposeUnstated;
  if (std::find(rights.permits().begin(), rights.permits().end(), use.purpose()) == rights.permits().end())
    return Rule::kPurposeNotPermitted;
  if (!rights.expires_on().empty() && (!is_date(rights.expires_on()) || rights.expires_on() < today))
    return Rule::kRightsExpired;
  const bool unjudged = has_unjudged_condition(rights);
  if (use.competes() && (unjudged || has_condition(rights, kNoCompeting))) return Rule::kCompetingNotPermitted;
  if (use.distributed() && (unjudged || has_condition(rights, kNoDistribution))) return Rule::kDistributionNotPermitted;
  return Rule::kPermitted;
}

absl::Status may_ask(const v1::Teacher& teacher, const v1::Use& use, std::string_view today) {
  return refusal(judge(teacher.rights(), use, today), teacher, use, today, "may not be asked");
}

absl::Status may_export(const v1::Teacher& teacher, const v1::Use& use, std::string_view today) {
  return refusal(judge(teacher.rights(), use, today), teacher, use, today, "may not be exported");
}

std::string_view purpose_name(v1::Purpose purpose) {
  switch (purpose) {
    case v1::TRAINING:
      return "training";
    case v1::EVALUATION:
      return "evaluation";
    default:
      return "unspecified";
  }
}

}  // namespace harvest::rights

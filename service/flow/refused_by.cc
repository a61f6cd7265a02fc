#include "service/flow/refused_by.h"

namespace harvest::flow {

namespace {

using dialect::MetLimit;
using limit::Dimension;

Dimension dimension_of(MetLimit met) {
  switch (met) {
    case MetLimit::kUnknown:
      return Dimension::kNone;
    case MetLimit::kRequests:
      return Dimension::kRequests;
    case MetLimit::kRequestsPerDay:
      return Dimension::kRequestsPerDay;
    case MetLimit::kInputTokens:
      return Dimension::kInputTokens;
    case MetLimit::kOutputTokens:
      return Dimension::kOutputTokens;
    case MetLimit::kConcurrency:
      return Dimension::kConcurrency;
  }
  return Dimension::kNone;
}

/// A vendor knows nothing of our money, nor of our own hold.
bool is_the_vendors(Dimension dimension) {
  return dimension != Dimension::kTeacherBudget && dimension != Dimension::kTenantBudget &&
         dimension != Dimension::kJobBudget && dimension != Dimension::kJobCeiling &&
         dimension != Dimension::kBackoff && dimension != Dimension::kBreaker && dimension != Dimension::kLearning;
}

}  // namespace

std::optional<Dimension> named_limit(const dialect::Outcome& outcome) {
  if (outcome.met_limit == MetLimit::kUnknown) return std::nullopt;
  return dimension_of(outcome.met_limit);
}

std::string_view refused_by(const dialect::Outcome& outcome, Dimension binding) {
  if (outcome.met_limit != MetLimit::kUnknown) return limit::name_of(dimension_of(outcome.met_limit));
  return limit::name_of(is_the_vendors(binding) ? binding : Dimension::kNone);
}

}  // namespace harvest::flow

#include "service/limit/demand.h"

namespace harvest::limit {

std::string_view name_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::kNone:
      return "none";
    case Dimension::kRequests:
      return "requests";
    case Dimension::kInputTokens:
      return "input_tokens";
    case Dimension::kOutputTokens:
      return "output_tokens";
    case Dimension::kTokens:
      return "tokens";
    case Dimension::kRequestsPerDay:
      return "requests_per_day";
    case Dimension::kConcurrency:
      return "concurrency";
    case Dimension::kTeacherBudget:
      return "teacher_budget";
    case Dimension::kTenantBudget:
      return "tenant_budget";
    case Dimension::kJobBudget:
      return "job_budget";
    case Dimension::kBackoff:
      return "backoff";
    case Dimension::kBreaker:
      return "breaker";
    case Dimension::kJobCeiling:
      return "job_ceiling";
    case Dimension::kLearning:
      return "learning";
  }
  return "none";
}

bool is_limit(Dimension dimension) {
  switch (dimension) {
    case Dimension::kRequests:
    case Dimension::kInputTokens:
    case Dimension::kOutputTokens:
    case Dimension::kTokens:
    case Dimension::kRequestsPerDay:
    case Dimension::kConcurrency:
    case Dimension::kBackoff:
    case Dimension::kLearning:
      return true;
    default:
      return false;
  }
}

Verdict later(const Verdict& a, const Verdict& b) {
  return b.ready_at > a.ready_at ? b : a;
}

}  // namespace harvest::limit

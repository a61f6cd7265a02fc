// Control's answer to what a job would cost and take.
#include "service/flow/control.h"
#include "service/flow/plan_key.h"
#include "service/flow/planning.h"

namespace harvest::flow {

absl::StatusOr<v1::Plan> Control::plan(const v1::PlanJobRequest& request, const Caller& caller) {
  const int64_t utc_us = parts_.clock.utc_us();
  const auto may_reuse = [this, utc_us](const std::string& teacher, const v1::Use& use) {
    return parts_.teachers.permits(teacher, use, utc_us);
  };
  std::optional<store::PlanKey> kept;
  if (request.keep()) {
    auto key = plan_key(caller.tenant, request.job(), request.prompts_sha256());
    if (!key.ok()) return key.status();
    kept = *std::move(key);
  }
  Planning planning({.store = parts_.store,
                     .intake = parts_.intake,
                     .may_reuse = may_reuse,
                     .teachers = teachers(),
                     .budgets = parts_.board.service().budgets,
                     .utc_us = utc_us});
  auto plan = planning.plan(request, caller);
  if (!plan.ok()) return plan;
  plan->set_id(text::UlidSource().next_id("plan_", utc_us));
  if (!kept) return plan;
  auto applied = parts_.store.apply_and_wait(store::PutPlan{*std::move(kept), *plan});
  if (!applied.ok()) return applied.status();
  return plan;
}

}  // namespace harvest::flow

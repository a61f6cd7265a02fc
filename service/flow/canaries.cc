#include "service/flow/canaries.h"

#include "service/quality/answer_traits.h"

namespace harvest::flow {

bool canaries_due(const v1::DriftWatch& watch, const v1::DriftBook& book, const CanaryRound& round, int64_t utc_us) {
  if (watch.canaries().empty() || round.under_way || utc_us < round.not_before_us) return false;
  return utc_us - book.asked_at_us() >= int64_t{watch.every_minutes()} * 60'000'000;
}

ProbePlan canary_plan(const dialect::Dialect& dialect, const v1::Teacher& teacher, const std::string& canary) {
  ProbePlan plan;
  v1::Message* message = plan.prompt.add_messages();
  message->set_role("user");
  message->set_content(canary);
  plan.sampling.set_max_output_tokens(teacher.drift().max_output_tokens());
  plan.sampling.set_temperature(0);
  if (!dialect.check(teacher, plan.prompt, plan.sampling).ok()) plan.sampling.clear_temperature();
  return plan;
}

uint64_t canary_answer(const dialect::Outcome& outcome) {
  if (outcome.choices.empty()) return 0;
  const dialect::Choice& choice = outcome.choices.front();
  const bool refused = choice.refused || outcome.kind == v1::REFUSED;
  return quality::traits_of(choice.message, refused, choice.truncated).text_hash + (refused ? 1 : 0);
}

}  // namespace harvest::flow

// What a job's answers are like, and what stops it when they waste money.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "service/flow/harvester.h"
#include "service/quality/answer_watch.h"

namespace harvest::flow {

const v1::Guard& Harvester::guard_of(const JobSpec& spec) const {
  return spec.job.has_guard() ? spec.job.guard() : options_.guard();
}

/// Of an answer's choices, those that become pairs; the others nobody asked for.
std::vector<quality::AnswerTraits> Harvester::look_at(const QueryRun& run, JobDesk& desk,
                                                      const dialect::Outcome& outcome, size_t settled) {
  quality::AnswerWatch& watch = desk.answers.try_emplace(run.asked->index, guard_of(*desk.spec)).first->second;
  std::vector<quality::AnswerTraits> all;
  for (size_t i = 0; i < settled; ++i) {
    const dialect::Choice& choice = outcome.choices[i];
    const quality::AnswerTraits traits =
        watch.add(quality::traits_of(choice.message, choice.refused, choice.truncated));
    if (traits.refused) run.teacher->metrics.answer("refused");
    if (traits.truncated) run.teacher->metrics.answer("truncated");
    if (traits.empty) run.teacher->metrics.answer("empty");
    if (traits.duplicate) run.teacher->metrics.answer("duplicate");
    if (!traits.refused && !traits.truncated && !traits.empty && !traits.duplicate)
      run.teacher->metrics.answer("plain");
    all.push_back(traits);
  }
  return all;
}

/// What is in flight comes home and is kept; what has not been sent stays on disk until the job is resumed.
void Harvester::stop_where_guarded(const QueryRun& run, JobDesk& desk) {
  if (desk.paused || desk.cancelled || desk.remaining == desk.in_flight) return;
  const auto watch = desk.answers.find(run.asked->index);
  if (watch == desk.answers.end()) return;
  if (const auto trip = watch->second.trips(guard_of(*desk.spec)))
    stop_asking(desk, absl::FailedPreconditionError(quality::reason_of(*trip, run.asked->config.name())));
}

}  // namespace harvest::flow

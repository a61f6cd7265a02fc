#include "service/flow/pilot_answers.h"

#include <algorithm>
#include <vector>

#include "service/flow/job_pairs.h"
#include "storage/corpus/query_identity.h"
#include "storage/corpus/query_merge.h"

namespace harvest::flow {

namespace {

/// A pilot is small: a larger job is read no further.
constexpr size_t kPilotPromptsMax = 10'000;

}  // namespace

store::Identity identity_of(const v1::Job& job, const v1::Teacher& teacher, const v1::Prompt& prompt, uint32_t sample) {
  v1::Prompt asked = prompt;
  const v1::Sampling sampling = corpus::merge_sampling(job.sampling(), prompt.sampling(), sample);
  asked.clear_sampling();
  corpus::apply_job(job, asked);
  return corpus::query_identity(teacher.model(), teacher.model_revision(), asked, sampling, sample);
}

absl::StatusOr<PilotAnswers> PilotAnswers::of(const store::Store& store, const v1::JobRecord& pilot) {
  PilotAnswers answers;
  auto prompts = store.prompts(pilot.number(), 0, kPilotPromptsMax);
  if (!prompts.ok()) return prompts.status();
  const auto end_of = [&](const std::string& name, uint64_t prompt, uint32_t sample) -> Ended* {
    const auto& teachers = pilot.pinned_teachers();
    const auto teacher =
        std::find_if(teachers.begin(), teachers.end(), [&](const v1::Teacher& asked) { return asked.name() == name; });
    if (teacher == teachers.end() || prompt >= prompts->size()) return nullptr;
    return &answers.ended_[{name, identity_of(pilot.job(), *teacher, (*prompts)[prompt], sample)}];
  };
  const v1::JobCounters& counters = pilot.counters();
  uint64_t left = counters.answered() + counters.refused();
  absl::Status looked;
  const auto keep = [&](const v1::Pair& pair) {
    auto answer = store.answer(pair.answer());
    looked = answer.status();
    if (!looked.ok()) return false;
    answer->clear_raw();
    if (Ended* ended = end_of(pair.teacher(), pair.prompt(), pair.sample()))
      *ended = {.without_answer = false, .answer = *std::move(answer), .choice = pair.choice()};
    return --left > 0;
  };
  if (left > 0)
    if (absl::Status read = each_pair_of(store, pilot, keep); !read.ok()) return read;
  if (!looked.ok()) return looked;
  for (const v1::Ending& ending : store.endings(pilot.number(), 0, kPilotPromptsMax))
    end_of(ending.teacher(), ending.prompt(), ending.sample());
  return answers;
}

const PilotAnswers::Ended* PilotAnswers::find(const std::string& teacher, const store::Identity& identity) const {
  const auto found = ended_.find({teacher, identity});
  return found == ended_.end() ? nullptr : &found->second;
}

}  // namespace harvest::flow

#include "service/flow/sample_groups.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace harvest::flow {
namespace {

/// Is `query` the one after `group` among the samples of its prompt, and does it wait alike?
bool follows(const Ready& group, const Ready& query) {
  return query.prompt_index == group.prompt_index && query.place.ordinal == group.place.ordinal + group.queries() &&
         query.place.due_at_us == group.place.due_at_us && query.online == group.online &&
         query.attempts == group.attempts && query.throttled == group.throttled && query.crashes == group.crashes &&
         std::equal(query.candidates.begin(), query.candidates.end(), group.candidates.begin(), group.candidates.end(),
                    [](const Candidate& a, const Candidate& b) { return a.teacher == b.teacher; });
}

uint32_t room(const Ready& query, const std::function<uint32_t(uint32_t)>& choices_max) {
  uint32_t least = UINT32_MAX;
  for (const Candidate& candidate : query.candidates) least = std::min(least, choices_max(candidate.teacher));
  return least;
}

void join(Ready& group, Ready& query) {
  ++group.place.queries;
  for (size_t i = 0; i < group.candidates.size(); ++i)
    std::move(query.candidates[i].samples.begin(), query.candidates[i].samples.end(),
              std::back_inserter(group.candidates[i].samples));
}

}  // namespace

bool may_be_joined(const v1::Sampling& sampling) {
  const bool greedy = sampling.has_temperature() && sampling.temperature() == 0;
  return !sampling.has_seed() && !greedy;
}

void join_samples(std::vector<ReadyPtr>& queries, const std::function<uint32_t(uint32_t teacher)>& choices_max) {
  Ready* group = nullptr;  // the last one kept, where more may join it
  std::erase_if(queries, [&](ReadyPtr& query) {
    if (query->known || query->candidates.empty() || query->in_conversation() || !may_be_joined(query->sampling)) {
      group = nullptr;
    } else if (group == nullptr || !follows(*group, *query) || group->queries() >= room(*group, choices_max)) {
      group = query.get();
    } else {
      join(*group, *query);
      return true;
    }
    return false;
  });
}

}  // namespace harvest::flow

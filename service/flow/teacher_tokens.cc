#include "service/flow/teacher_tokens.h"

#include <algorithm>

namespace harvest::flow {
namespace {

/// Of ten prompts, nine take no more than is reserved; the rest is made good by what the nine give back.
constexpr double kInputQuantile = 0.9;
constexpr double kOutputQuantile = 0.95;

}  // namespace

/// Of a group's answers only the sum is told: each counts as their mean.
void TeacherTokens::learn(const Candidate& candidate, const dialect::Outcome& outcome) {
  if (!outcome.usage.reported()) return;
  const auto answers = static_cast<int64_t>(std::max<size_t>(1, outcome.choices.size()));
  const auto input = static_cast<int64_t>(outcome.usage.input_tokens());
  book_.learn(candidate.kind, {.input_tokens_max = candidate.input_tokens_max,
                               .input_tokens = input,
                               .output_tokens = static_cast<int64_t>(outcome.usage.output_tokens()) / answers,
                               .cut_off = std::any_of(outcome.choices.begin(), outcome.choices.end(),
                                                      [](const dialect::Choice& choice) { return choice.truncated; })});
  if (input > 0) inputs_.add(input);
}

int64_t TeacherTokens::input_tokens(const Candidate& candidate) const {
  return book_.input_tokens(candidate.kind, candidate.input_tokens_max, kInputQuantile);
}

int64_t TeacherTokens::output_tokens(const Candidate& candidate) const {
  const int64_t answers = candidate.answers_tokens_max() / std::max<int64_t>(1, candidate.output_tokens_max);
  return answers * book_.output_tokens(candidate.kind, candidate.output_tokens_max, kOutputQuantile);
}

v1::TokenFigures TeacherTokens::figures() const {
  const limit::TokenBook::Figures known = book_.figures();
  v1::TokenFigures figures;
  figures.set_answers(static_cast<uint64_t>(known.answers));
  figures.set_output_tokens_median(static_cast<uint64_t>(known.output_median.value_or(0)));
  figures.set_output_tokens_p90(static_cast<uint64_t>(known.output_p90.value_or(0)));
  figures.set_output_tokens_p99(static_cast<uint64_t>(known.output_p99.value_or(0)));
  figures.set_input_tokens_median(static_cast<uint64_t>(inputs_.quantile(0.5).value_or(0)));
  return figures;
}

}  // namespace harvest::flow

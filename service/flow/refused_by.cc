#include "service/flow/refused_by.h"

#include <array>
#include <optional>

#include "service/dialect/ascii.h"

namespace harvest::flow {

namespace {

using limit::Dimension;

struct Words {
  std::string_view part;
  Dimension dimension;
};

/// The first that occurs counts, so the closer words stand first. A joint token limit goes where its headers go
/// (limit_headers.h). "Too many requests" is the status' own name and says nothing.
constexpr std::array<Words, 9> kWords{{{"concurren", Dimension::kConcurrency},
                                       {"requests per day", Dimension::kRequestsPerDay},
                                       {"(RPD)", Dimension::kRequestsPerDay},
                                       {"output token", Dimension::kOutputTokens},
                                       {"input token", Dimension::kInputTokens},
                                       {"tokens per min", Dimension::kInputTokens},
                                       {"(TPM)", Dimension::kInputTokens},
                                       {"requests per", Dimension::kRequests},
                                       {"(RPM)", Dimension::kRequests}}};

std::optional<Dimension> named(std::string_view message) {
  for (const Words& words : kWords)
    if (dialect::ascii::contains_ignoring_case(message, words.part)) return words.dimension;
  return std::nullopt;
}

std::optional<Dimension> used_up(const dialect::Outcome& outcome) {
  if (outcome.requests.remaining == 0) return Dimension::kRequests;
  if (outcome.input_tokens.remaining == 0) return Dimension::kInputTokens;
  if (outcome.output_tokens.remaining == 0) return Dimension::kOutputTokens;
  return std::nullopt;
}

/// A vendor knows nothing of our money, nor of our own hold.
bool is_the_vendors(Dimension dimension) {
  return dimension != Dimension::kTeacherBudget && dimension != Dimension::kJobBudget &&
         dimension != Dimension::kBackoff;
}

}  // namespace

std::string_view refused_by(const dialect::Outcome& outcome, Dimension binding) {
  if (auto dimension = named(outcome.message)) return limit::name_of(*dimension);
  if (auto dimension = used_up(outcome)) return limit::name_of(*dimension);
  return limit::name_of(is_the_vendors(binding) ? binding : Dimension::kNone);
}

}  // namespace harvest::flow

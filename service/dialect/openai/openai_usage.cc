#include "service/dialect/openai/openai_usage.h"

#include <algorithm>
#include <cmath>

#include "service/dialect/json_body.h"
#include "service/dialect/token_count.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

std::optional<uint64_t> count_in(const dom::object& object, std::string_view details, std::string_view key) {
  dom::object inner;
  if (!object_at(object, details, inner)) return std::nullopt;
  return token_count_at(inner, key);
}

struct Counts {
  uint64_t input = 0, output = 0;
  std::optional<uint64_t> cached, written, reasoning;
};

void set_usage(const Counts& counts, v1::Usage& usage) {
  usage.set_reported(true);
  usage.set_input_tokens(counts.input);
  usage.set_output_tokens(counts.output);
  usage.set_cached_input_tokens(std::min(counts.cached.value_or(0), counts.input));
  usage.set_cache_write_tokens(std::min(counts.written.value_or(0), counts.input - usage.cached_input_tokens()));
  usage.set_reasoning_tokens(std::min(counts.reasoning.value_or(0), counts.output));
}

}  // namespace

bool read_openai_usage(const dom::object& answer, v1::Usage& usage) {
  dom::object reported;
  if (!object_at(answer, "usage", reported)) return false;
  const auto input = token_count_at(reported, "prompt_tokens");
  auto output = token_count_at(reported, "completion_tokens");
  const auto total = token_count_at(reported, "total_tokens");
  if (!output && input && total && *total >= *input) output = *total - *input;
  if (!input || !output) return false;

  auto cached = count_in(reported, "prompt_tokens_details", "cached_tokens");
  if (!cached) cached = token_count_at(reported, "prompt_cache_hit_tokens");  // DeepSeek
  if (!cached) cached = token_count_at(reported, "num_cached_tokens");        // Mistral
  auto reasoning = count_in(reported, "completion_tokens_details", "reasoning_tokens");
  if (!reasoning) reasoning = token_count_at(reported, "reasoning_tokens");  // SGLang

  const auto written = count_in(reported, "prompt_tokens_details", "cache_write_tokens");

  set_usage({*input, *output, cached, written, reasoning}, usage);
  return true;
}

std::optional<int64_t> read_reported_cost(const dom::object& answer) {
  constexpr double kPicodollars = 1e12, kDollarsMax = 1e6;
  dom::object reported;
  double dollars = 0;
  if (!object_at(answer, "usage", reported) || reported.at_key("cost").get(dollars) != simdjson::SUCCESS)
    return std::nullopt;
  if (!(dollars >= 0 && dollars <= kDollarsMax)) return std::nullopt;
  return std::llround(dollars * kPicodollars);
}

bool read_responses_usage(const dom::object& answer, v1::Usage& usage) {
  dom::object reported;
  if (!object_at(answer, "usage", reported)) return false;
  const auto input = token_count_at(reported, "input_tokens"), output = token_count_at(reported, "output_tokens");
  if (!input || !output) return false;
  set_usage({*input, *output, count_in(reported, "input_tokens_details", "cached_tokens"),
             count_in(reported, "input_tokens_details", "cache_write_tokens"),
             count_in(reported, "output_tokens_details", "reasoning_tokens")},
            usage);
  return true;
}

}  // namespace harvest::dialect

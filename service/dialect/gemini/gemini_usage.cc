#include "service/dialect/gemini/gemini_usage.h"

#include <algorithm>

#include "service/dialect/json_body.h"

namespace harvest::dialect {
namespace {

namespace dom = simdjson::dom;

constexpr int64_t kTokensMax = 250'000'000;

/// What is no count is nought, as a count that is left out is.
uint64_t tokens_at(const dom::object& object, std::string_view key) {
  int64_t count = 0;
  if (object.at_key(key).get(count) != simdjson::SUCCESS || count < 0 || count > kTokensMax) return 0;
  return static_cast<uint64_t>(count);
}

}  // namespace

void read_gemini_usage(const dom::object& response, v1::Usage& usage) {
  dom::object reported;
  if (!object_at(response, "usageMetadata", reported)) return;
  const uint64_t prompt = tokens_at(reported, "promptTokenCount"), thoughts = tokens_at(reported, "thoughtsTokenCount");
  const uint64_t said = tokens_at(reported, "candidatesTokenCount");
  if (prompt == 0) return;  // no prompt is empty
  usage.set_reported(true);
  usage.set_input_tokens(prompt + tokens_at(reported, "toolUsePromptTokenCount"));
  usage.set_cached_input_tokens(std::min(tokens_at(reported, "cachedContentTokenCount"), usage.input_tokens()));
  usage.set_output_tokens(said + thoughts);
  usage.set_reasoning_tokens(thoughts);
}

}  // namespace harvest::dialect

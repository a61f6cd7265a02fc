#include "service/dialect/limit_words.h"

#include <array>

#include "service/dialect/ascii.h"

namespace harvest::dialect {
namespace {

struct Words {
  std::string_view part;
  MetLimit limit;
};

/// The first that occurs counts, so the closer words stand first. A joint token limit goes where its headers go
/// (limit_headers.h).
constexpr std::array<Words, 13> kWords{{{"concurren", MetLimit::kConcurrency},
                                        {"too many connections", MetLimit::kConcurrency},  // Bedrock
                                        {"requests per day", MetLimit::kRequestsPerDay},
                                        {"(RPD)", MetLimit::kRequestsPerDay},
                                        {"output token", MetLimit::kOutputTokens},
                                        {"input token", MetLimit::kInputTokens},
                                        {"request tokens", MetLimit::kInputTokens},  // Anthropic
                                        {"tokens per min", MetLimit::kInputTokens},
                                        {"(TPM)", MetLimit::kInputTokens},
                                        {"too many tokens", MetLimit::kInputTokens},  // Bedrock
                                        {"requests per", MetLimit::kRequests},
                                        {"(RPM)", MetLimit::kRequests},
                                        {"calls / minute", MetLimit::kRequests}}};  // Cohere

}  // namespace

MetLimit limit_in_words(std::string_view message) {
  for (const Words& words : kWords)
    if (ascii::contains_ignoring_case(message, words.part)) return words.limit;
  return MetLimit::kUnknown;
}

}  // namespace harvest::dialect

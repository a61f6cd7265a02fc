#include "service/dialect/limit_words.h"

#include <catch2/catch.hpp>

using harvest::dialect::limit_in_words;
using harvest::dialect::MetLimit;

TEST_CASE("the words of a refused attempt name the limit that it met", "[dialect][limits]") {
  CHECK(limit_in_words("Rate limit reached for m on tokens per min (TPM): Limit 10000") == MetLimit::kInputTokens);
  CHECK(limit_in_words("Rate limit reached for m on requests per min (RPM): Limit 3") == MetLimit::kRequests);
  CHECK(limit_in_words("Rate limit reached for m on requests per day (RPD): Limit 200") == MetLimit::kRequestsPerDay);
  CHECK(limit_in_words("exceeds your limit of 8,000 output tokens per minute") == MetLimit::kOutputTokens);
  CHECK(limit_in_words("Number of concurrent connections has exceeded your rate limit") == MetLimit::kConcurrency);
  CHECK(limit_in_words("Too many tokens, please wait before trying again.") == MetLimit::kInputTokens);
  CHECK(limit_in_words("You are using a Trial key, which is limited to 20 API calls / minute") == MetLimit::kRequests);
}

TEST_CASE("the status' own name names no limit", "[dialect][limits]") {
  CHECK(limit_in_words("Too Many Requests") == MetLimit::kUnknown);
  CHECK(limit_in_words("") == MetLimit::kUnknown);
}

#include "service/flow/refused_by.h"

#include <catch2/catch.hpp>

namespace harvest::flow {
namespace {

using limit::Dimension;

dialect::Outcome saying(std::string message) {
  dialect::Outcome outcome;
  outcome.kind = v1::THROTTLED;
  outcome.message = std::move(message);
  return outcome;
}

TEST_CASE("the vendor's words name the limit that refused", "[refused_by]") {
  CHECK(refused_by(saying("Rate limit reached for m on tokens per min (TPM): Limit 10000"), {}) == "input_tokens");
  CHECK(refused_by(saying("Rate limit reached for m on requests per min (RPM): Limit 3"), {}) == "requests");
  CHECK(refused_by(saying("Rate limit reached for m on requests per day (RPD): Limit 200"), {}) == "requests_per_day");
  CHECK(refused_by(saying("exceeds your limit of 8,000 output tokens per minute"), {}) == "output_tokens");
  CHECK(refused_by(saying("Number of concurrent connections has exceeded your rate limit"), {}) == "concurrency");
}

TEST_CASE("where words say nothing, a figure of nothing left does", "[refused_by]") {
  dialect::Outcome outcome = saying("Too Many Requests");
  outcome.requests.remaining = 17;
  outcome.output_tokens.remaining = 0;
  CHECK(refused_by(outcome, Dimension::kRequests) == "output_tokens");
}

TEST_CASE("where the vendor says nothing, it is the limit we ran close to", "[refused_by]") {
  CHECK(refused_by(saying("Too Many Requests"), Dimension::kInputTokens) == "input_tokens");
  CHECK(refused_by(saying(""), Dimension::kBackoff) == "none");
  CHECK(refused_by(saying(""), Dimension::kJobBudget) == "none");
  CHECK(refused_by(saying(""), Dimension::kNone) == "none");
}

}  // namespace
}  // namespace harvest::flow

#include "service/flow/refused_by.h"

#include <catch2/catch.hpp>

namespace harvest::flow {
namespace {

using dialect::MetLimit;
using limit::Dimension;

dialect::Outcome met(MetLimit limit) {
  dialect::Outcome outcome;
  outcome.kind = v1::THROTTLED;
  outcome.met_limit = limit;
  return outcome;
}

TEST_CASE("the limit that the vendor names is the one that refused", "[refused_by]") {
  CHECK(refused_by(met(MetLimit::kRequests), Dimension::kInputTokens) == "requests");
  CHECK(refused_by(met(MetLimit::kRequestsPerDay), Dimension::kRequests) == "requests_per_day");
  CHECK(refused_by(met(MetLimit::kInputTokens), Dimension::kRequests) == "input_tokens");
  CHECK(refused_by(met(MetLimit::kOutputTokens), Dimension::kRequests) == "output_tokens");
  CHECK(refused_by(met(MetLimit::kConcurrency), Dimension::kRequests) == "concurrency");
}

TEST_CASE("where the vendor says nothing, it is the limit we ran close to", "[refused_by]") {
  CHECK(refused_by(met(MetLimit::kUnknown), Dimension::kInputTokens) == "input_tokens");
  CHECK(refused_by(met(MetLimit::kUnknown), Dimension::kBackoff) == "none");
  CHECK(refused_by(met(MetLimit::kUnknown), Dimension::kJobBudget) == "none");
  CHECK(refused_by(met(MetLimit::kUnknown), Dimension::kJobCeiling) == "none");
  CHECK(refused_by(met(MetLimit::kUnknown), Dimension::kNone) == "none");
}

}  // namespace
}  // namespace harvest::flow

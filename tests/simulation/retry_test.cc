#include <catch2/catch.hpp>

#include "service/flow/retry_budget.h"
#include "service/flow/retry_policy.h"

using harvest::dialect::Outcome;
using harvest::dialect::Retry;
using harvest::flow::Decision;
using harvest::flow::RetryBudget;
using harvest::flow::RetryPolicy;
namespace v1 = harvest::v1;
using namespace std::chrono_literals;

TEST_CASE("an answer and a refusal are accepted", "[retry]") {
  CHECK(RetryPolicy().decide({}, {.kind = v1::ANSWERED}, 0).verb == Decision::Verb::kAccept);
  CHECK(RetryPolicy().decide({}, {.kind = v1::REFUSED}, 0).verb == Decision::Verb::kAccept);
}

TEST_CASE("what can never succeed is given up", "[retry]") {
  CHECK(RetryPolicy().decide({}, {.kind = v1::REJECTED}, 0).verb == Decision::Verb::kGiveUp);
  const Outcome hopeless{.kind = v1::FAULTED, .retry = Retry::kPermanent};
  CHECK(RetryPolicy().decide({}, hopeless, 0).verb == Decision::Verb::kGiveUp);
}

TEST_CASE("a halt halts the teacher and uses up nothing", "[retry]") {
  const Decision decision = RetryPolicy().decide({.attempts = 5}, {.kind = v1::HALTED}, 0);
  CHECK(decision.verb == Decision::Verb::kHaltTeacher);
  CHECK_FALSE(decision.attempt_counts);
}

TEST_CASE("a faulted query is asked six times", "[retry]") {
  const Outcome fault{.kind = v1::FAULTED, .retry = Retry::kSafe};
  CHECK(RetryPolicy().decide({.attempts = 4}, fault, 0.5).verb == Decision::Verb::kRetryAt);
  CHECK(RetryPolicy().decide({.attempts = 5}, fault, 0.5).verb == Decision::Verb::kGiveUp);
}

TEST_CASE("delays are drawn from a doubling range up to a minute", "[retry]") {
  const Outcome fault{.kind = v1::FAULTED, .retry = Retry::kSafe};
  const RetryPolicy policy(100);
  CHECK(policy.decide({.attempts = 0}, fault, 0.5).delay == 500ms);
  CHECK(policy.decide({.attempts = 3}, fault, 0.5).delay == 4s);
  CHECK(policy.decide({.attempts = 50}, fault, 0.5).delay == 30s);
}

TEST_CASE("throttling uses up no attempt and Retry After is the floor", "[retry]") {
  const Outcome throttled{.kind = v1::THROTTLED, .retry = Retry::kSafe, .retry_after = 20s};
  const Decision decision = RetryPolicy().decide({.attempts = 5, .throttled = 50}, throttled, 0);
  CHECK(decision.verb == Decision::Verb::kRetryAt);
  CHECK_FALSE(decision.attempt_counts);
  CHECK(decision.delay == 20s);
  CHECK(RetryPolicy().decide({}, throttled, 0.5).delay == 21s);
  CHECK(RetryPolicy().decide({}, {.kind = v1::THROTTLED, .retry_after = 24h}, 0).delay == 10min);
  const Decision last = RetryPolicy().decide({.throttled = RetryPolicy::kThrottledMax}, throttled, 0);
  CHECK(last.verb == Decision::Verb::kGiveUp);
}

TEST_CASE("what was throttled after it had begun uses up attempts, for each may have been billed", "[retry]") {
  const Outcome begun{.kind = v1::THROTTLED, .retry = Retry::kAmbiguous, .may_have_run = true};
  const Decision decision = RetryPolicy().decide({.attempts = 4}, begun, 0.5);
  CHECK(decision.verb == Decision::Verb::kRetryAt);
  CHECK(decision.attempt_counts);
  CHECK(RetryPolicy().decide({.attempts = 5}, begun, 0.5).verb == Decision::Verb::kGiveUp);
}

TEST_CASE("retries stay within a share of the first attempts and one a second", "[retry]") {
  RetryBudget budget(0.1);
  for (int i = 0; i < 1000; ++i) budget.first_attempt(1h);
  int allowed = 0;
  while (budget.allow(1h)) ++allowed;
  CHECK(allowed == 160);
  CHECK(budget.wait(1h) == 60s);
  CHECK(budget.wait(1h) > 60s);
  // Who waits goes first, and counts when it comes back.
  CHECK_FALSE(budget.allow(1h + 60s));
  CHECK(budget.allow(1h + 3min));
}

TEST_CASE("an attempt that never left uses up nothing", "[retry]") {
  const Outcome fault{.kind = v1::FAULTED, .retry = Retry::kSafe};
  const Decision decision = RetryPolicy().decide({.attempts = 5}, fault, 0.5, false);
  CHECK(decision.verb == Decision::Verb::kRetryAt);
  CHECK_FALSE(decision.attempt_counts);
}

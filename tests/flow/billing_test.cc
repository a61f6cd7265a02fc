// What an attempt that brought no answer may have cost, and what the vendor says of one that did.
#include <catch2/catch.hpp>

#include "tests/flow/harvest_rig.h"

using namespace harvest;
using flow::test::answer;
using flow::test::FakeTransport;
using flow::test::HarvestRig;
using flow::test::priced;

namespace {

/// What one query's job counts where its first attempt comes to `first`, others to an answer.
v1::JobCounters counted(const dialect::HttpExchange& first) {
  HarvestRig rig([&](const auto&, int asked) { return asked == 0 ? first : answer("a"); }, {priced()});
  return rig.await(rig.submit(HarvestRig::job(), {"one"}), v1::FINISHED).record().counters();
}

v1::Answer stored(const dialect::HttpExchange& exchange) {
  HarvestRig rig([&](const auto&, int) { return exchange; });
  rig.await(rig.submit(HarvestRig::job(), {"one"}), v1::FINISHED);
  const std::vector<v1::Pair> pairs = rig.pairs();
  REQUIRE(pairs.size() == 1);
  const auto kept = rig.store().answer(pairs[0].answer());
  REQUIRE(kept.ok());
  return *kept;
}

}  // namespace

TEST_CASE("a server error that says not to retry is given up and may have been billed all the same",
          "[flow][billing]") {
  const v1::JobCounters counters = counted({.status = 500,
                                            .headers = {{"x-should-retry", "false"}},
                                            .body = R"({"error":{"message":"x","type":"server_error"}})"});
  CHECK(counters.at_risk_picodollars() > 0);
  CHECK(counters.answered() == 0);
  CHECK(counters.attempts() == 1);
}

TEST_CASE("a rate limit that says not to retry costs nothing", "[flow][billing]") {
  const v1::JobCounters counters = counted({.status = 429,
                                            .headers = {{"x-should-retry", "false"}},
                                            .body = R"({"error":{"message":"x","code":"rate_limit_exceeded"}})"});
  CHECK(counters.at_risk_picodollars() == 0);
  CHECK(counters.answered() == 0);
}

TEST_CASE("a rate limit behind the first token is at risk, behind none it costs nothing", "[flow][billing]") {
  const std::string token = R"(data: {"model":"m","choices":[{"index":0,"delta":{"content":"Hel"}}]})"
                            "\n\n";
  const std::string error = R"(data: {"error":{"message":"slow","code":"rate_limit_exceeded"}})"
                            "\n\n";
  const v1::JobCounters begun = counted({.status = 200, .body = token + error});
  CHECK(begun.at_risk_picodollars() > 0);
  CHECK(begun.answered() == 1);
  const v1::JobCounters at_once = counted({.status = 200, .body = error});
  CHECK(at_once.at_risk_picodollars() == 0);
  CHECK(at_once.answered() == 1);
}

TEST_CASE("the vendor's word for a refusal and its explanation are kept beside the answer", "[flow][billing]") {
  const v1::Answer refused =
      stored({.status = 400, .body = R"({"error":{"message":"The prompt was filtered.","code":"content_filter"}})"});
  CHECK(refused.vendor_code() == "content_filter");
  CHECK(refused.vendor_message() == "The prompt was filtered.");
  const v1::Answer answered = stored(answer("a"));
  CHECK(answered.vendor_code().empty());
  CHECK(answered.vendor_message().empty());
}

TEST_CASE("who served an answer and what the reseller says it costs are kept beside it", "[flow][billing]") {
  dialect::HttpExchange exchange = answer("a");
  exchange.body.insert(1, R"("provider":"Fireworks",)");
  exchange.body.replace(exchange.body.find(R"("usage":{)"), 9, R"("usage":{"cost":0.0125,)");
  const v1::Answer resold = stored(exchange);
  CHECK(resold.served_by() == "Fireworks");
  CHECK(resold.cost_reported_picodollars() == 12'500'000'000);
  const v1::Answer plain = stored(answer("a"));
  CHECK(plain.served_by().empty());
  CHECK_FALSE(plain.has_cost_reported_picodollars());
}

namespace {

/// A teacher that takes no notice of the output cap.
dialect::HttpExchange excess() {
  return answer("a", 10, 5000);
}

v1::Job capped(const char* usd) {
  v1::Job job = HarvestRig::job();
  job.set_max_cost_usd(usd);
  job.mutable_sampling()->set_max_output_tokens(100);
  job.set_concurrency(1);
  return job;
}

}  // namespace

TEST_CASE("a capped job pauses at the first bill above its bound, and goes on under a higher one once resumed",
          "[flow][billing]") {
  HarvestRig rig([](const auto&, int) { return excess(); }, {priced()});
  const std::string id = rig.submit(capped("1"), flow::test::numbered(3));
  rig.await_answered(id, 1);  // the pause is noted before the answer is kept
  const v1::JobRecord paused = rig.await(id, v1::PAUSED).record();
  CHECK_THAT(paused.reason(), Catch::Matchers::Contains("teacher t billed $0.00501"));
  CHECK_THAT(paused.reason(), Catch::Matchers::Contains("2 queries are not asked"));
  CHECK(paused.counters().answered() == 1);
  CHECK(paused.counters().overbilled() == 1);

  REQUIRE(rig.control().resume_job(id).ok());
  const v1::JobRecord finished = rig.await(id, v1::FINISHED).record();
  CHECK(finished.counters().answered() == 3);
  CHECK(finished.counters().overbilled() == 1);
}

TEST_CASE("a cap that the raised bound would pass is not passed", "[flow][billing]") {
  HarvestRig rig([](const auto&, int) { return excess(); }, {priced()});
  const std::string id = rig.submit(capped("0.008"), flow::test::numbered(3));
  rig.await_answered(id, 1);
  rig.await(id, v1::PAUSED);
  REQUIRE(rig.control().resume_job(id).ok());
  const v1::JobRecord starved = rig.await(id, v1::PAUSED).record();
  CHECK_THAT(starved.reason(), Catch::Matchers::StartsWith("budget: "));
  CHECK(starved.counters().answered() == 1);
}

TEST_CASE("a job without any cap goes on where bills are above their bounds, and counts them", "[flow][billing]") {
  HarvestRig rig([](const auto&, int asked) { return asked == 0 ? excess() : answer("a"); }, {priced()});
  v1::Job job = capped("");
  const v1::JobRecord finished = rig.await(rig.submit(job, flow::test::numbered(3)), v1::FINISHED).record();
  CHECK(finished.counters().answered() == 3);
  CHECK(finished.counters().overbilled() == 1);
}

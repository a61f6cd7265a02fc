#include "service/flow/explanation.h"

#include <catch2/catch.hpp>

using harvest::flow::explain;
using harvest::flow::WhyFacts;
namespace v1 = harvest::v1;

namespace {

constexpr int64_t kCreatedUs = 1'000'000;

v1::TeacherStatus status_of(const std::string& name) {
  v1::TeacherStatus status;
  status.mutable_teacher()->set_name(name);
  status.mutable_teacher()->set_default_max_output_tokens(1024);
  return status;
}

/// A job of 100 s that still runs, at teachers t and u.
WhyFacts facts() {
  WhyFacts facts;
  v1::JobRecord& record = *facts.job.mutable_record();
  record.set_id("j_1");
  record.set_state(v1::RUNNING);
  record.set_created_at_us(kCreatedUs);
  facts.utc_us = kCreatedUs + 100'000'000;
  facts.teachers = {status_of("t"), status_of("u")};
  return facts;
}

void waited(WhyFacts& facts, const std::string& teacher, const std::string& cause, int64_t seconds) {
  v1::Wait* wait = facts.waits.add_waits();
  wait->set_teacher(teacher);
  wait->set_cause(cause);
  wait->set_us(seconds * 1'000'000);
}

/// All its time at t went to this cause.
v1::Explanation only(WhyFacts facts, const std::string& cause, const std::string& teacher = "t") {
  waited(facts, teacher, cause, 100);
  return explain(facts);
}

std::string advice_on(const WhyFacts& facts, const std::string& cause, const std::string& teacher = "t") {
  const v1::Explanation explanation = only(facts, cause, teacher);
  REQUIRE(explanation.advice_size() <= 1);
  return explanation.advice().empty() ? "" : explanation.advice(0);
}

void answers(WhyFacts& facts, uint64_t median, uint64_t p99) {
  v1::TokenFigures* tokens = facts.teachers[0].mutable_tokens();
  tokens->set_answers(500);
  tokens->set_output_tokens_median(median);
  tokens->set_output_tokens_p90(median);
  tokens->set_output_tokens_p99(p99);
  tokens->set_input_tokens_median(77);
}

}  // namespace

TEST_CASE("causes stand with the longest first and their shares come to one", "[flow][why]") {
  WhyFacts given = facts();
  waited(given, "t", "teacher", 10);
  waited(given, "t", "requests", 70);
  waited(given, "u", "teacher", 80);
  waited(given, "", "pause", 20);
  const v1::Explanation explanation = explain(given);
  REQUIRE(explanation.causes_size() == 4);
  CHECK(explanation.seconds() == 100);
  CHECK(explanation.causes(0).teacher() == "u");
  CHECK(explanation.causes(1).cause() == "requests");
  CHECK(explanation.causes(1).share() == Approx(70.0 / 200));
  // What held the whole job held it at both.
  CHECK(explanation.causes(2).cause() == "pause");
  CHECK(explanation.causes(2).share() == Approx(2 * 20.0 / 200));
  double shares = 0;
  for (const auto& cause : explanation.causes()) shares += cause.share();
  CHECK(shares == Approx(1));
}

TEST_CASE("a job that ended has the seconds until then", "[flow][why]") {
  WhyFacts given = facts();
  given.job.mutable_record()->set_state(v1::FINISHED);
  given.job.mutable_record()->set_finished_at_us(kCreatedUs + 30'000'000);
  CHECK(explain(given).seconds() == 30);
}

TEST_CASE("a pause that no tick saw is charged to its reason", "[flow][why]") {
  WhyFacts given = facts();
  given.job.mutable_record()->set_state(v1::PAUSED);
  given.job.mutable_record()->set_reason("budget: of $1.00 there are $0.99 spent");
  waited(given, "t", "teacher", 40);
  const v1::Explanation explanation = explain(given);
  REQUIRE(explanation.causes_size() == 2);
  CHECK(explanation.causes(0).cause() == "job_budget");
  CHECK(explanation.causes(0).teacher().empty());
  CHECK(explanation.causes(0).seconds() == Approx(60));
}

TEST_CASE("where output tokens bind a cap near the p99 of the answers is advised", "[flow][why]") {
  WhyFacts given = facts();
  given.job.mutable_record()->mutable_job()->mutable_sampling()->set_max_output_tokens(4096);
  given.teachers[0].mutable_teacher()->mutable_limits()->set_output_tokens_per_minute(80000);
  CHECK(advice_on(given, "output_tokens").empty());  // no answer has told how long they are
  answers(given, 300, 610);
  CHECK(
      advice_on(given, "output_tokens") ==
      "output tokens bind at teacher t (80000 a minute): lower max_output_tokens from 4096 to 920; p99 of its answers "
      "is 610");
  CHECK(only(given, "output_tokens").causes(0).detail() ==
        "80000 a minute; the cap is 4096 each; its answers have 300 tokens in the median, 610 at p99");
  answers(given, 3000, 4000);
  CHECK_THAT(advice_on(given, "output_tokens"), Catch::Contains("shorter answers") && !Catch::Contains("lower"));
}

TEST_CASE("lengths that nobody knows, as the cap cuts answers off, are told as such", "[flow][why]") {
  WhyFacts given = facts();
  given.job.mutable_record()->mutable_job()->mutable_sampling()->set_max_output_tokens(50);
  answers(given, 40, 0);
  CHECK_THAT(only(given, "teacher").causes(0).detail(),
             Catch::EndsWith("its answers have 40 tokens in the median, more than the cap at p99"));
  CHECK_THAT(advice_on(given, "teacher"), Catch::Contains("40 tokens in the median"));
  answers(given, 0, 0);
  CHECK_THAT(only(given, "teacher").causes(0).detail(), Catch::EndsWith("most of its answers are cut off at the cap"));
  CHECK_THAT(advice_on(given, "teacher"), Catch::Contains("retry JOB --where truncated"));
}

TEST_CASE("where a query names no cap the teacher's own is the one to lower", "[flow][why]") {
  WhyFacts given = facts();
  answers(given, 20, 30);
  CHECK_THAT(advice_on(given, "output_tokens"), Catch::Contains("from 1024 to 45;"));
}

TEST_CASE("no advice leads round a limit", "[flow][why]") {
  WhyFacts given = facts();
  answers(given, 300, 610);
  given.teachers[0].set_throttled(5);
  for (const char* cause : {"requests", "input_tokens", "output_tokens", "requests_per_day", "concurrency", "backoff",
                            "learning", "teacher"}) {
    const std::string said = advice_on(given, cause);
    CHECK_FALSE(said.empty());
    for (const char* way_round : {"account that", "another key", "second key", "another account", "rotat"})
      CHECK_THAT(said, !Catch::Contains(way_round));
  }
}

TEST_CASE("where requests bind their limit is named, found or stated", "[flow][why]") {
  WhyFacts given = facts();
  given.teachers[0].mutable_found_limits()->set_requests_per_minute(500);
  CHECK_THAT(advice_on(given, "requests"), Catch::Contains("(500 a minute, as found out)"));
  given.teachers[0].mutable_teacher()->mutable_limits()->set_requests_per_minute(600);
  CHECK_THAT(advice_on(given, "requests"), Catch::Contains("(600 a minute)"));
}

TEST_CASE("a batch route is advised where the teacher has a price for it", "[flow][why]") {
  WhyFacts given = facts();
  CHECK_THAT(advice_on(given, "requests"), !Catch::Contains("batch"));
  v1::Prices& prices = *given.teachers[0].mutable_prices_in_force();
  prices.set_input_usd_per_mtok("1.00");
  v1::SpecialPrices& special = *prices.add_special();
  special.set_route("batch");
  special.set_input_usd_per_mtok("0.50");
  CHECK_THAT(advice_on(given, "requests"),
             Catch::Contains("--route batch") && Catch::Contains("$0.50 instead of $1.00"));
  given.job.mutable_record()->mutable_job()->set_route(v1::AUTO);
  CHECK_THAT(advice_on(given, "requests"), !Catch::Contains("batch"));
}

TEST_CASE("where input tokens bind the system text is named with its size", "[flow][why]") {
  WhyFacts given = facts();
  answers(given, 300, 610);
  given.job.mutable_record()->mutable_job()->set_system(std::string(1234, 'x'));
  CHECK_THAT(advice_on(given, "input_tokens"), Catch::Contains("77 in the median") && Catch::Contains("1234 bytes"));
}

TEST_CASE("a spent budget is answered by the command that raises it to what the rest will cost", "[flow][why]") {
  WhyFacts given = facts();
  v1::JobRecord& record = *given.job.mutable_record();
  record.set_state(v1::PAUSED);
  record.set_reason("budget: spent");
  record.mutable_counters()->set_answered(100);
  record.mutable_counters()->set_spent_picodollars(1'000'000'000'000);
  given.job.set_max_cost_usd("1.00");
  given.job.set_spent_usd("1.00");
  given.job.set_at_risk_usd("0.00");
  given.job.set_waiting(300);
  // 300 more at a cent each, with a tenth for luck.
  CHECK_THAT(advice_on(given, "job_budget", ""), Catch::Contains("300 queries wait, for some $3.30") &&
                                                     Catch::Contains("`harvestctl jobs retune j_1 --max-cost 4.30`"));
  record.set_state(v1::FINISHED);
  CHECK_THAT(advice_on(given, "job_budget", ""), !Catch::Contains("retune"));
}

TEST_CASE("backoff and an open breaker name the endpoint and its last words", "[flow][why]") {
  WhyFacts given = facts();
  CHECK(advice_on(given, "breaker").empty());
  v1::EndpointStatus& endpoint = *given.teachers[0].add_endpoints();
  endpoint.set_url("http://t.test/v1");
  endpoint.set_last_error("503: overloaded");
  endpoint.set_failures_in_a_row(7);
  for (const char* cause : {"breaker", "backoff"})
    CHECK_THAT(advice_on(given, cause), Catch::Contains("http://t.test/v1: 503: overloaded (7 failures in a row)"));
}

TEST_CASE("a job that waits for its turn is told who shares its teacher", "[flow][why]") {
  WhyFacts given = facts();
  CHECK(advice_on(given, "fairness").empty());  // nobody does by now
  given.other_jobs["t"] = 2;
  CHECK_THAT(advice_on(given, "fairness"),
             Catch::Contains("2 other jobs share teacher t") && Catch::Contains("retune j_1 --priority high"));
  given.job.mutable_record()->mutable_job()->set_priority(v1::HIGH);
  CHECK(advice_on(given, "fairness").empty());
}

TEST_CASE("what stops everything is told with the command that ends it", "[flow][why]") {
  WhyFacts given = facts();
  given.teachers[0].set_halted(true);
  given.teachers[0].set_halt_reason("invalid_api_key");
  CHECK_THAT(advice_on(given, "halt"),
             Catch::Contains("invalid_api_key") && Catch::Contains("`harvestctl teachers resume t`"));
  given.job.set_service_halted(true);
  CHECK_THAT(advice_on(given, "halt"), Catch::Contains("`harvestctl halt --lift`"));
}

TEST_CASE("a pause that holds the job is spoken of however short it is, and only while it does", "[flow][why]") {
  WhyFacts given = facts();
  waited(given, "t", "store", 99);
  waited(given, "", "pause", 1);
  CHECK(explain(given).advice().empty());
  given.job.mutable_record()->set_state(v1::PAUSED);
  given.job.mutable_record()->set_reason("looking at answers");
  const v1::Explanation explanation = explain(given);
  REQUIRE(explanation.advice_size() == 1);
  CHECK(explanation.advice(0) ==
        "the job is paused: looking at answers; once that is over, `harvestctl jobs resume j_1`");
}

TEST_CASE("a full disk is told with what is free", "[flow][why]") {
  WhyFacts given = facts();
  given.free_bytes = 12 << 20;
  CHECK_THAT(advice_on(given, "disk"), Catch::Contains("12 MB are free"));
}

TEST_CASE("nothing follows from a cause that took less than a tenth", "[flow][why]") {
  WhyFacts given = facts();
  waited(given, "t", "store", 95);
  waited(given, "t", "requests", 5);
  CHECK(explain(given).advice().empty());
}

#include "service/plan/plan.h"

#include <catch2/catch.hpp>

using namespace harvest;
using namespace harvest::plan;

namespace {

Take take(double output, double queries = 1) {
  return {.queries = queries,
          .requests = queries,
          .input_tokens = 25 * queries,
          .output_tokens = output * queries,
          .input_usd = 25e-6 * queries,
          .output_usd = output * 1e-5 * queries,
          .batch_input_usd = 12.5e-6 * queries,
          .batch_output_usd = output * 0.5e-5 * queries};
}

/// A prompt that the pilot asked, and whose answer is kept.
Sampled asked(double output) {
  return {.bytes = 100, .told = true, .alike = take(output), .seconds = 2};
}
Sampled unknown() {
  return {.bytes = 100, .alike = {.queries = 1, .requests = 1}, .itself = {.queries = 1, .requests = 1}};
}
Sampled known() {
  return {.bytes = 100, .told = true, .known = true};
}
Sampled without_answer() {
  return {.bytes = 100,
          .told = true,
          .ended = true,
          .alike = {.queries = 1, .requests = 1},
          .itself = {.queries = 1, .requests = 1}};
}

TeacherFacts teacher(const std::string& name, std::vector<Sampled> sample) {
  TeacherFacts facts{.name = name, .account = name};
  facts.strata.push_back(std::move(sample));
  facts.output_cap = 1000;
  facts.online = {1e-6, 1e-5};
  facts.batch = {0.5e-6, 0.5e-5};
  for (const Sampled& sampled : facts.strata.front()) facts.pilot_answers += sampled.told ? 1 : 0;
  return facts;
}

/// 1,000 prompts of 100 bytes.
Facts job(std::vector<TeacherFacts> teachers, v1::Ask ask = v1::EACH) {
  return {.ask = ask, .strata = {{1000, 100'000}}, .teachers = std::move(teachers)};
}

const std::vector<Sampled> kAnswers = {asked(280), asked(300), asked(320), asked(290)};

bool noted(const v1::Plan& plan, const std::string& words) {
  for (const std::string& note : plan.notes())
    if (note.find(words) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("a pilot foretells dollars, tokens and time, and what binds", "[plan]") {
  TeacherFacts facts = teacher("t", kAnswers);
  facts.allowance.output_tokens = MinuteLimit{30'000};
  const v1::Plan plan = make_plan(job({facts}));
  REQUIRE(plan.parts_size() == 1);
  const v1::Plan::Part& part = plan.parts(0);
  CHECK(part.queries() == 996);  // the pilot's are answered
  CHECK(part.basis() == "pilot");
  CHECK(part.route() == "online");
  CHECK(part.output_tokens().expected() == Approx(996 * 297.5));
  CHECK(part.input_tokens().expected() == Approx(996 * 25));
  CHECK(plan.cost_usd().expected() == Approx(996 * (25e-6 + 297.5e-5)));
  CHECK(plan.cost_usd().low() < plan.cost_usd().expected());
  CHECK(plan.cost_usd().high() > plan.cost_usd().expected());
  CHECK(plan.binding() == "output_tokens");
  CHECK(plan.seconds().expected() == Approx(996 * 297.5 / 500).epsilon(0.15));  // caps are reserved meanwhile
  CHECK(noted(plan, "no limit is stated for requests, input_tokens:"));
}

TEST_CASE("without a pilot a plan is bounds, and with answers of late it is learned", "[plan]") {
  TeacherFacts facts = teacher("t", {unknown(), unknown(), unknown()});
  v1::Plan plan = make_plan(job({facts}));
  CHECK(plan.parts(0).basis() == "bounds");
  CHECK(plan.parts(0).output_tokens().low() == 0);
  CHECK(plan.parts(0).output_tokens().high() == Approx(1000 * 1000).epsilon(0.02));
  CHECK(noted(plan, "a pilot would tell"));
  facts.learned = TeacherFacts::Learned{.answers = 500, .output_median = 200, .output_p90 = 400};
  plan = make_plan(job({facts}));
  CHECK(plan.parts(0).basis() == "learned");
  CHECK(plan.parts(0).output_tokens().expected() == Approx(1000 * 231).epsilon(0.02));
  CHECK(plan.cost_usd().high() < 1000 * 600e-5);
}

TEST_CASE("answers that were cut off are no answers of no length", "[plan]") {
  TeacherFacts facts = teacher("t", {unknown(), unknown(), unknown()});  // their cap is 1,000 tokens
  facts.learned = TeacherFacts::Learned{.answers = 500, .output_median = 300, .output_p90 = 0};
  v1::Plan plan = make_plan(job({facts}));
  CHECK(plan.parts(0).output_tokens().expected() > 1000 * 400);
  facts.learned->output_median = 0;
  plan = make_plan(job({facts}));
  CHECK(plan.parts(0).basis() == "learned");
  CHECK(plan.parts(0).output_tokens().expected() == Approx(1000 * 750).epsilon(0.02));
  CHECK(plan.parts(0).output_tokens().high() == Approx(1000 * 1000).epsilon(0.02));
}

TEST_CASE("what was answered before is not paid again", "[plan]") {
  const v1::Plan half = make_plan(job({teacher("t", {asked(300), known(), known(), asked(300)})}));
  CHECK(half.known_share() == Approx(0.5));
  CHECK(half.parts(0).queries() == 498);
  const v1::Plan all = make_plan(job({teacher("t", {known(), known()})}));
  CHECK(all.known_share() == Approx(1));
}

TEST_CASE("every teacher of an EACH job is paid, and the slowest is waited for", "[plan]") {
  TeacherFacts slow = teacher("slow", kAnswers);
  slow.allowance.requests = MinuteLimit{60};
  const double one = make_plan(job({teacher("a", kAnswers)})).cost_usd().expected();
  const v1::Plan plan = make_plan(job({teacher("a", kAnswers), slow}));
  CHECK(plan.cost_usd().expected() == Approx(2 * one));
  CHECK(plan.binding() == "requests");
  CHECK(plan.seconds().expected() == Approx(996).epsilon(0.03));
  CHECK(plan.seconds().expected() == plan.parts(1).seconds().expected());
}

TEST_CASE("teachers of a SPREAD job share its queries by their speeds", "[plan]") {
  TeacherFacts fast = teacher("fast", kAnswers), slow = teacher("slow", kAnswers);
  fast.allowance.requests = MinuteLimit{1200};
  slow.allowance.requests = MinuteLimit{300};
  const v1::Plan plan = make_plan(job({fast, slow}, v1::SPREAD));
  CHECK(plan.parts(0).queries() == Approx(797).margin(20));
  CHECK(plan.parts(0).queries() + plan.parts(1).queries() == Approx(996).margin(1));
  CHECK(plan.seconds().expected() == Approx(40).margin(6));
  CHECK(plan.cost_usd().expected() == Approx(make_plan(job({fast})).cost_usd().expected()));
}

TEST_CASE("the second teacher of a FALLBACK job gets what the first gave no answer to", "[plan]") {
  const TeacherFacts first = teacher("first", {asked(300), without_answer(), asked(300), asked(300)});
  const TeacherFacts second = teacher("second", {asked(100), asked(100), asked(100), asked(100)});
  const v1::Plan plan = make_plan(job({first, second}, v1::FALLBACK));
  CHECK(plan.parts(0).queries() == 997);
  CHECK(plan.parts(1).queries() == Approx(249).margin(1));
  CHECK(plan.cost_usd().expected() ==
        Approx(plan.parts(0).cost_usd().expected() + plan.parts(1).cost_usd().expected()));
}

TEST_CASE("teachers of one account share its limits", "[plan]") {
  TeacherFacts a = teacher("a", kAnswers), b = teacher("b", kAnswers);
  a.account = b.account = "shared";
  a.allowance.requests = b.allowance.requests = MinuteLimit{600};
  CHECK(make_plan(job({a, b})).seconds().expected() == Approx(2 * 996 / 10.0).epsilon(0.05));
}

TEST_CASE("a cheaper batch interface is a line of its own, and the total where the job goes that way", "[plan]") {
  TeacherFacts facts = teacher("t", kAnswers);
  facts.takes_batches = facts.batch_is_cheaper = true;
  const v1::Plan online = make_plan(job({facts}));
  REQUIRE(online.parts_size() == 2);
  CHECK(online.parts(1).route() == "batch");
  CHECK(online.parts(1).cost_usd().expected() == Approx(online.parts(0).cost_usd().expected() / 2));
  CHECK(online.cost_usd().expected() == Approx(online.parts(0).cost_usd().expected()));
  facts.goes_by_batch = true;
  const v1::Plan batch = make_plan(job({facts}));
  REQUIRE(batch.parts_size() == 1);
  CHECK(batch.cost_usd().expected() == Approx(online.parts(1).cost_usd().expected()));
  CHECK(batch.seconds().high() == 86'400);
  CHECK(noted(batch, "promised within a day"));
}

TEST_CASE("a cap that is too small for the job is told before it stops it", "[plan]") {
  Facts facts = job({teacher("t", kAnswers)});
  facts.max_cost_usd = 1.0;
  const v1::Plan plan = make_plan(facts);
  CHECK(plan.binding() == "job_budget");
  CHECK(noted(plan, "the job's cap of $1.00 will stop it at about 33 % of its queries"));
  facts.max_cost_usd = 100.0;
  CHECK_FALSE(noted(make_plan(facts), "cap"));
}

TEST_CASE("caps of a teacher and a tenant stretch a plan over days, and say so", "[plan]") {
  TeacherFacts facts = teacher("t", kAnswers);
  facts.caps.push_back({.owner = "teacher t", .period = "day", .usd = 1, .left_usd = 0.5, .seconds_to_end = 3600});
  const v1::Plan plan = make_plan(job({facts}));  // near $3: half a dollar today, then three days
  CHECK(plan.binding() == "teacher_budget");
  CHECK(plan.parts(0).binding() == "teacher_budget");
  CHECK(plan.seconds().expected() == Approx(3600 + 2 * 86'400));
  CHECK(noted(plan, "teacher t: its cap of $1.00 a day leaves $0.50, which will not be enough"));

  Facts of_tenant = job({teacher("t", kAnswers)});
  of_tenant.tenant_caps.push_back(
      {.owner = "tenant a", .period = "month", .usd = 10, .left_usd = 1, .seconds_to_end = 7200});
  CHECK(make_plan(of_tenant).binding() == "tenant_budget");
  of_tenant.tenant_caps.front().left_usd = 9;
  CHECK(make_plan(of_tenant).binding() != "tenant_budget");
}

TEST_CASE("second calls of a hedged job are in its price", "[plan]") {
  Facts facts = job({teacher("t", kAnswers)});
  const double once = make_plan(facts).cost_usd().expected();
  facts.hedge_ratio = 0.25;  // calls beyond the p99 get one, whatever is allowed
  const v1::Plan plan = make_plan(facts);
  CHECK(plan.cost_usd().expected() == Approx(1.01 * once));
  CHECK(plan.parts(0).cost_usd().expected() == Approx(plan.cost_usd().expected()));
}

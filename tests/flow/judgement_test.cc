#include "service/flow/judgement.h"

#include <catch2/catch.hpp>

using namespace harvest;
using flow::Decision;
using flow::Judgement;

TEST_CASE("a query that gives up goes to the next teacher where there is one", "[flow]") {
  Judgement judgement{.decision = {.verb = Decision::Verb::kGiveUp}};
  CHECK_FALSE(judgement.again());
  judgement.next_teacher = "second";
  CHECK(judgement.again());
}

TEST_CASE("an answer is never asked again", "[flow]") {
  Judgement judgement{.decision = {.verb = Decision::Verb::kAccept}};
  judgement.next_teacher = "second";
  CHECK(judgement.answered());
  CHECK_FALSE(judgement.again());
}

TEST_CASE("a halted teacher's query waits for the halt to be lifted", "[flow]") {
  Judgement judgement{.decision = {.verb = Decision::Verb::kHaltTeacher}};
  CHECK(judgement.again());
}

TEST_CASE("crashes are counted in a row: an attempt that ended breaks the row", "[flow]") {
  flow::JobSpec::AskedTeacher asked;
  asked.config.set_name("t");
  flow::QueryRun run{.ready = std::make_unique<flow::Ready>(), .asked = &asked};
  run.ready->crashes = 2;
  run.ready->attempts = 1;
  const Judgement judgement{.decision = {.verb = Decision::Verb::kRetryAt}};
  const store::Change change = judgement.change(run, {}, {.kind = v1::THROTTLED});
  CHECK(std::get<store::Postpone>(change).to.crashes() == 0);
}

TEST_CASE("a query begins anew with another teacher and not with the same", "[flow]") {
  flow::JobSpec::AskedTeacher asked;
  asked.config.set_name("second");
  Judgement judgement{.decision = {.verb = Decision::Verb::kRetryAt}, .next_teacher = "second"};
  auto attempts = [&] {
    flow::QueryRun run{.ready = std::make_unique<flow::Ready>(), .asked = &asked};
    run.ready->attempts = 3;
    const store::Change change = judgement.change(run, {}, {.kind = v1::FAULTED});
    return std::get<store::Postpone>(change).to.attempts();
  };
  CHECK(attempts() == 4);
  judgement.next_teacher = "third";
  CHECK(attempts() == 0);
}

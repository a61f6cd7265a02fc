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

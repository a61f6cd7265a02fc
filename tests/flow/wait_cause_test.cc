#include "service/flow/wait_cause.h"

#include <catch2/catch.hpp>

using harvest::flow::cause_of_pause;
using harvest::flow::JobNow;
using harvest::flow::TeacherNow;
using harvest::flow::WaitFor;
using harvest::flow::waits_at;
using harvest::limit::Dimension;
namespace cause = harvest::flow::cause;

namespace {

const JobNow kBacklog{.queued = 5, .in_flight = 2};

WaitFor one(const TeacherNow& teacher, const JobNow& job) {
  return waits_at(teacher, std::vector{job}).jobs.at(0);
}

}  // namespace

TEST_CASE("a job alone with a backlog waits for what binds its teacher", "[flow][why]") {
  CHECK(one({.binding = Dimension::kOutputTokens}, kBacklog) == WaitFor{"output_tokens"});
  CHECK(waits_at({.binding = Dimension::kOutputTokens}, std::vector{kBacklog}).teacher == "output_tokens");
}

TEST_CASE("jobs that divide a rate are charged a part of it each and their turn for the rest", "[flow][why]") {
  const JobNow answers_are_due{.in_flight = 1};
  const auto waits = waits_at({.binding = Dimension::kRequests}, std::vector{kBacklog, kBacklog, answers_are_due});
  CHECK(waits.jobs[0] == WaitFor{"requests", 2});
  CHECK(waits.jobs[1] == WaitFor{"requests", 2});
  CHECK(waits.jobs[2] == WaitFor{cause::kTeacher});
  CHECK(waits.teacher == "requests");
}

TEST_CASE("what stops a teacher for everybody is nobody's turn", "[flow][why]") {
  for (Dimension stop :
       {Dimension::kBackoff, Dimension::kBreaker, Dimension::kRequestsPerDay, Dimension::kTeacherBudget}) {
    const auto waits = waits_at({.binding = stop}, std::vector{kBacklog, kBacklog});
    CHECK(waits.jobs[0] == WaitFor{harvest::limit::name_of(stop)});
    CHECK(waits.teacher == harvest::limit::name_of(stop));
  }
}

TEST_CASE("a job that its own bound holds waits for that and takes no turn from others", "[flow][why]") {
  JobNow held = kBacklog;
  held.own = Dimension::kJobBudget;
  const auto waits = waits_at({.binding = Dimension::kConcurrency}, std::vector{held, kBacklog});
  CHECK(waits.jobs[0] == WaitFor{"job_budget"});
  CHECK(waits.jobs[1] == WaitFor{"concurrency"});
  CHECK(waits_at({}, std::vector{held}).teacher == "job_budget");
  // The teacher was told of it last, and the other job is not bound by it.
  CHECK(waits_at({.binding = Dimension::kJobBudget}, std::vector{held, kBacklog}).jobs[1] == WaitFor{cause::kTeacher});
}

TEST_CASE("jobs of other teachers on the same account take their turns too", "[flow][why]") {
  CHECK(one({.binding = Dimension::kRequests, .backlogs = 4}, kBacklog) == WaitFor{"requests", 4});
  CHECK(one({.binding = Dimension::kBreaker, .backlogs = 4}, kBacklog) == WaitFor{"breaker"});
}

TEST_CASE("a tenant's spent purse is its own jobs' wait alone", "[flow][why]") {
  JobNow held = kBacklog;
  held.own = Dimension::kTenantBudget;
  const auto waits = waits_at({.binding = Dimension::kTenantBudget}, std::vector{held, kBacklog});
  CHECK(waits.jobs[0] == WaitFor{"tenant_budget"});
  CHECK(waits.jobs[1] == WaitFor{cause::kTeacher});
}

TEST_CASE("a job whose queries are all under way waits for answers", "[flow][why]") {
  CHECK(one({}, {.in_flight = 3}) == WaitFor{cause::kTeacher});
  CHECK(one({}, {.in_flight = 3, .postponed = true}) == WaitFor{cause::kTeacher});
  CHECK(waits_at({}, std::vector{JobNow{.in_flight = 3}}).teacher.empty());
}

TEST_CASE("a job nothing of which is under way waits for another try, a twin, or the disk", "[flow][why]") {
  CHECK(one({}, {.postponed = true}) == WaitFor{"backoff"});
  CHECK(one({}, {.postponed = true, .twins = true}) == WaitFor{cause::kTwin});
  CHECK(one({}, {.undecided = true}) == WaitFor{cause::kLabels});
  CHECK(one({}, {.postponed = true, .undecided = true}) == WaitFor{"backoff"});
  CHECK(one({}, {.reading = true}) == WaitFor{cause::kStore});
  CHECK(one({}, {.queued = 1}) == WaitFor{cause::kStore});
}

TEST_CASE("queries with a vendor or waiting for a place in a batch wait for batches", "[flow][why]") {
  CHECK(one({}, {.in_batch = true}) == WaitFor{cause::kBatch});
  CHECK(one({}, {.gathering = true}) == WaitFor{cause::kBatch});
  CHECK(one({}, {.in_flight = 1, .in_batch = true}) == WaitFor{cause::kTeacher});
}

TEST_CASE("a teacher that is not asked is waited for by its cause, and is charged no wait of its own", "[flow][why]") {
  for (const JobNow& job : {kBacklog, JobNow{.reading = true}, JobNow{.in_flight = 1, .postponed = true}}) {
    CHECK(one({.halted = true}, job) == WaitFor{cause::kHalt});
    CHECK(one({.service_halted = true}, job) == WaitFor{cause::kHalt});
    CHECK(one({.paused = true}, job) == WaitFor{cause::kPause});
    CHECK(one({.disk_full = true}, job) == WaitFor{cause::kDisk});
  }
  CHECK(waits_at({.halted = true, .binding = Dimension::kRequests}, std::vector{kBacklog}).teacher.empty());
  CHECK(waits_at({.paused = true, .binding = Dimension::kRequests}, std::vector{kBacklog}).teacher.empty());
  CHECK(waits_at({.disk_full = true}, std::vector{kBacklog}).teacher == "disk");
}

TEST_CASE("what is under way at a halted teacher is waited for as an answer", "[flow][why]") {
  CHECK(one({.halted = true}, {.in_flight = 1}) == WaitFor{cause::kTeacher});
}

TEST_CASE("a teacher that has nothing left of a job is waited for no more", "[flow][why]") {
  CHECK(one({.binding = Dimension::kRequests}, {}) == WaitFor{});
}

TEST_CASE("a pause is charged to what caused it", "[flow][why]") {
  CHECK(cause_of_pause("by an operator") == cause::kPause);
  CHECK(cause_of_pause("looking at a teacher that is halted") == cause::kPause);
  CHECK(cause_of_pause("budget: of $1.00 there are $0.99 spent") == "job_budget");
  CHECK(cause_of_pause("teacher t is halted: invalid_api_key") == cause::kHalt);
}

#include "service/flow/fallback_route.h"

#include <catch2/catch.hpp>

using harvest::flow::fallback_route;
using harvest::flow::FallbackRoute;
using harvest::flow::FallbackTeacher;
using harvest::flow::next_place;
using Is = harvest::flow::Readiness;

namespace {

/// Each of a vendor of its own.
FallbackRoute route_of(const std::vector<Is>& readiness) {
  std::vector<FallbackTeacher> teachers;
  for (const Is is : readiness) teachers.push_back({is, "vendor " + std::to_string(teachers.size()), "line"});
  return fallback_route(teachers);
}

}  // namespace

TEST_CASE("a query is asked of its own teacher where that one is ready", "[flow][fallback]") {
  CHECK(route_of({Is::kReady, Is::kReady, Is::kReady}) == FallbackRoute{0, 1, 2});
}

TEST_CASE("a query goes on to the first that is ready", "[flow][fallback]") {
  CHECK(route_of({Is::kHalted, Is::kDown, Is::kReady}) == FallbackRoute{2, 2, 2});
  CHECK(route_of({Is::kPaused, Is::kReady, Is::kReady}) == FallbackRoute{1, 1, 2});
}

TEST_CASE("a query never goes back", "[flow][fallback]") {
  CHECK(route_of({Is::kReady, Is::kHalted}) == FallbackRoute{0, 1});
}

TEST_CASE("where none is ready the one that may be ready soonest is asked", "[flow][fallback]") {
  CHECK(route_of({Is::kHalted, Is::kDown}) == FallbackRoute{1, 1});
  CHECK(route_of({Is::kDown, Is::kDown}) == FallbackRoute{0, 1});
  CHECK(route_of({Is::kDown, Is::kHalted}) == FallbackRoute{0, 1});
}

TEST_CASE("nobody of its vendor stands in for a halted teacher", "[flow][fallback]") {
  CHECK(fallback_route({{Is::kHalted, "v", "a"}, {Is::kReady, "v", "b"}}) == FallbackRoute{0, 1});
  CHECK(fallback_route({{Is::kHalted, "v", "a"}, {Is::kReady, "v", "b"}, {Is::kReady, "w", "b"}}) ==
        FallbackRoute{2, 1, 2});
  // Also where another was asked between.
  const std::vector<FallbackTeacher> between{{Is::kHalted, "v", "a"}, {Is::kReady, "w", "b"}, {Is::kReady, "v", "c"}};
  CHECK_FALSE(next_place(between, 1));
}

TEST_CASE("a model's other account or route at the same vendor never stands in for it", "[flow][fallback]") {
  for (const Is is : {Is::kReady, Is::kDown, Is::kPaused, Is::kHalted}) {
    CHECK_FALSE(next_place({{is, "v", "a"}, {Is::kReady, "v", "a"}}, 0));
    CHECK(next_place({{is, "v", "a"}, {Is::kReady, "v", "a"}, {Is::kReady, "w", "a"}}, 0) == 2);
  }
  CHECK(fallback_route({{Is::kDown, "v", "a"}, {Is::kReady, "v", "a"}}) == FallbackRoute{0, 1});
  CHECK(fallback_route({{Is::kDown, "v", "a"}, {Is::kReady, "v", "b"}}) == FallbackRoute{1, 1});
  CHECK(next_place({{Is::kReady, "v", "a"}, {Is::kReady, "v", "b"}}, 0) == 1);
}

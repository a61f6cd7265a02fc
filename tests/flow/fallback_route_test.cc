#include "service/flow/fallback_route.h"

#include <catch2/catch.hpp>

using harvest::flow::fallback_route;
using harvest::flow::FallbackRoute;
using Is = harvest::flow::Readiness;

TEST_CASE("each teacher that is ready is asked in its own place", "[flow]") {
  CHECK(fallback_route({Is::kReady, Is::kReady, Is::kReady}) == FallbackRoute{0, 1, 2});
}

TEST_CASE("the next teacher that is ready stands in for one that is not", "[flow]") {
  CHECK(fallback_route({Is::kHalted, Is::kDown, Is::kReady}) == FallbackRoute{2, 2, 2});
  CHECK(fallback_route({Is::kPaused, Is::kReady, Is::kReady}) == FallbackRoute{1, 1, 2});
}

TEST_CASE("a query never goes back to a teacher that gave no answer", "[flow]") {
  CHECK(fallback_route({Is::kReady, Is::kHalted}) == FallbackRoute{0, 1});
}

TEST_CASE("where none is ready the one that may come back by itself is waited for", "[flow]") {
  CHECK(fallback_route({Is::kHalted, Is::kDown}) == FallbackRoute{1, 1});
  CHECK(fallback_route({Is::kDown, Is::kDown}) == FallbackRoute{0, 1});
  CHECK(fallback_route({Is::kDown, Is::kHalted}) == FallbackRoute{0, 1});
}

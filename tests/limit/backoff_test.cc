#include "service/limit/backoff.h"

#include <catch2/catch.hpp>

using harvest::limit::Backoff;
using harvest::limit::Instant;
using namespace std::chrono_literals;

namespace {

/// Tries have been refused for 40 s; when the next one may go.
Instant after_a_long_trouble(Backoff& backoff) {
  Instant now = 1h;
  backoff.throttled(std::nullopt, now, now);
  while (now < 1h + 40s) {
    now = backoff.hold_until();
    backoff.sent(now);
    backoff.throttled(std::nullopt, now, now);
  }
  return backoff.hold_until();
}

}  // namespace

TEST_CASE("where no time is told one attempt goes alone, and the others once it was admitted", "[limit]") {
  Backoff backoff;
  CHECK(backoff.throttled(std::nullopt, 1h, 1h) == Backoff::Refusal::kNews);
  CHECK(backoff.hold_until() == 1h + 1s);
  backoff.sent(1h + 1s);
  CHECK(backoff.hold_until() == 1h + 2s);  // gone for a second: admitted
  backoff.passed(1h + 1s, 1h + 1200ms);
  CHECK(backoff.hold_until() == 1h + 1200ms);  // or come back
}

TEST_CASE("refused again with nothing admitted, it waits for a quarter of the trouble and cuts no more", "[limit]") {
  Backoff backoff;
  Instant now = 1h;
  backoff.throttled(std::nullopt, now, now);
  int tries = 0;
  for (; now < 1h + 1min; ++tries) {
    now = backoff.hold_until();
    backoff.sent(now);
    CHECK(backoff.throttled(std::nullopt, now, now) == Backoff::Refusal::kMore);
  }
  CHECK(tries <= 20);
  CHECK(backoff.ratio_ppm() == 800'000);
  CHECK(backoff.hold_until() - now >= 15s);
}

TEST_CASE("who was told too short a time waits for longer than told", "[limit]") {
  Backoff backoff;
  Instant now = 1h;
  backoff.throttled(60s, now, now);
  for (int i = 0; i < 10; ++i) {
    now = backoff.hold_until();
    backoff.throttled(60s, now, now);
  }
  CHECK(backoff.hold_until() - now > 2min);
  CHECK(backoff.hold_until() - now <= Backoff::kHoldMax);
}

TEST_CASE("a refusal soon after a long trouble belongs to it", "[limit]") {
  Backoff backoff;
  const Instant now = after_a_long_trouble(backoff);
  backoff.sent(now);
  backoff.passed(now, now + 100ms);
  CHECK(backoff.throttled(std::nullopt, now + 200ms, now + 300ms) == Backoff::Refusal::kNews);
  CHECK(backoff.hold_until() - now > 10s);
}

TEST_CASE("in a long trouble a try is given up to five seconds to be refused in", "[limit]") {
  Backoff backoff;
  const Instant now = after_a_long_trouble(backoff);
  backoff.sent(now);
  CHECK(backoff.hold_until() == now + 5s);
  CHECK(backoff.throttled(std::nullopt, now, now + 2s) == Backoff::Refusal::kMore);
}

TEST_CASE("what is answered after the refusal of those that followed it was admitted all the same", "[limit]") {
  Backoff backoff;
  CHECK(backoff.throttled(500ms, 1h, 1h) == Backoff::Refusal::kNews);
  // Ten go, the last is refused at once; the others are answered when they are.
  CHECK(backoff.throttled(500ms, 1h + 1s, 1h + 1s) == Backoff::Refusal::kMore);
  backoff.passed(1h + 600ms, 1h + 3s);
  CHECK(backoff.throttled(500ms, 1h + 4s, 1h + 4s) == Backoff::Refusal::kNews);
  // What was sent before the trouble tells nothing.
  backoff.passed(1h + 3s, 1h + 5s);
  CHECK(backoff.throttled(500ms, 1h + 6s, 1h + 6s) == Backoff::Refusal::kMore);
}

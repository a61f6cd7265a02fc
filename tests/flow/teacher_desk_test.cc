#include "service/flow/teacher_desk.h"

#include <catch2/catch.hpp>
#include <memory>
#include <optional>

#include "tests/flow/harvest_rig.h"

using namespace harvest;
using namespace std::chrono_literals;
using flow::Readiness;
using flow::test::HarvestRig;

namespace {

/// What a desk stands on, and opens it with.
struct Desks {
  boost::asio::io_context lane;
  flow::test::FakeTransport transport{lane, {}};
  observe::Metrics metrics{"test"};

  std::unique_ptr<flow::TeacherDesk> open(v1::Teacher teacher) {
    auto desk = flow::TeacherDesk::open(std::move(teacher), "", 1.0, transport, metrics);
    REQUIRE(desk.ok());
    return *std::move(desk);
  }
  /// Of a dialect, with a limit stated otherwise or as its vendor is known to count.
  std::unique_ptr<flow::TeacherDesk> open(const char* dialect, void (v1::Limits::*state)(bool),
                                          std::optional<bool> stated) {
    v1::Teacher teacher = HarvestRig::teacher("t");
    teacher.set_dialect(dialect);
    if (stated) (teacher.mutable_limits()->*state)(*stated);
    return open(std::move(teacher));
  }
};

}  // namespace

TEST_CASE("an attempt that we gave up ourselves does not heal an endpoint", "[flow]") {
  Desks desks;
  const auto opened = desks.open(HarvestRig::teacher("t"));
  flow::TeacherDesk& desk = *opened;
  auto ends = [&](dialect::WireError error, limit::Instant now) {
    const std::optional<size_t> endpoint = desk.line().endpoints.pick(now);
    REQUIRE(endpoint);
    desk.learn({}, {}, *endpoint, {.error = error}, {.kind = v1::FAULTED}, now);
  };
  for (int i = 0; i < 5; ++i) ends(dialect::WireError::kNotConnected, 0s);
  CHECK(desk.readiness(1s) == Readiness::kDown);
  CHECK(desk.readiness(6s) == Readiness::kReady);  // to be probed
  ends(dialect::WireError::kCancelled, 6s);
  CHECK_FALSE(desk.line().endpoints.healthy(0));
}

TEST_CASE("a teacher that names no vendor gets that of the server it is at, for its pairs, metrics and prices",
          "[flow]") {
  Desks desks;
  const auto vendor_of = [&](v1::Teacher teacher) { return desks.open(std::move(teacher))->config().vendor(); };
  v1::Teacher teacher = HarvestRig::teacher("t");
  teacher.clear_endpoints();
  teacher.set_endpoint("https://api.deepseek.com");
  teacher.clear_vendor();
  teacher.clear_profile();
  CHECK(vendor_of(teacher) == "deepseek");
  teacher.set_vendor("a reseller");
  CHECK(vendor_of(teacher) == "a reseller");
}

TEST_CASE("of input that an answer does not report nothing is given back to the limits", "[flow][limit]") {
  Desks desks;
  const auto desk = desks.open(HarvestRig::teacher("t"));
  const limit::Permit permit{.reserved = {.input_tokens = 900, .output_tokens = 100}};
  dialect::Outcome answered{.kind = v1::ANSWERED};
  CHECK(desk->actual(answered, true, {}, permit).input_tokens == 900);
  answered.usage.set_reported(true);
  answered.usage.set_input_tokens(700);
  CHECK(desk->actual(answered, true, {}, permit).input_tokens == 700);
}

TEST_CASE("input that the vendor read from its cache weighs on limits where the vendor counts it", "[flow][limit]") {
  Desks desks;
  const auto weighs = [&](const char* dialect, std::optional<bool> stated) {
    const auto desk = desks.open(dialect, &v1::Limits::set_cached_input_counts, stated);
    dialect::Outcome answered{.kind = v1::ANSWERED};
    answered.usage.set_reported(true);
    answered.usage.set_input_tokens(1000);
    answered.usage.set_cached_input_tokens(800);
    const limit::Actual actual = desk->actual(answered, true, {}, {.reserved = {.input_tokens = 1100}});
    CHECK(actual.input_tokens == 1000);  // what is booked and told
    return actual.input_weight();
  };
  CHECK(weighs("openai-chat", std::nullopt) == 1000);
  CHECK(weighs("anthropic-messages", std::nullopt) == 200);
  CHECK(weighs("anthropic-messages", true) == 1000);
  CHECK(weighs("openai-chat", false) == 200);
}

TEST_CASE(
    "a call that failed behind the vendor's door keeps its input charged, and one that was not let in gives it back",
    "[flow][limit]") {
  Desks desks;
  const auto desk = desks.open(HarvestRig::teacher("t"));
  const limit::Permit permit{.reserved = {.input_tokens = 900, .output_tokens = 100}};
  const auto weights = [&](v1::Outcome kind, bool sent) {
    const dialect::Outcome failed{.kind = kind, .retry = dialect::Retry::kSafe};
    const limit::Actual actual = desk->actual(failed, sent, {}, permit);
    return std::pair(actual.input_weight(), actual.output_weight());
  };
  CHECK(weights(v1::FAULTED, true) == std::pair<int64_t, int64_t>(900, 0));
  CHECK(weights(v1::REJECTED, true) == std::pair<int64_t, int64_t>(900, 0));
  CHECK(weights(v1::THROTTLED, true) == std::pair<int64_t, int64_t>(0, 0));
  CHECK(weights(v1::FAULTED, false) == std::pair<int64_t, int64_t>(0, 0));
}

TEST_CASE("a day of the vendor's is told when it begins, once, with what was sent in it", "[flow][limit]") {
  Desks desks;
  v1::Teacher teacher = HarvestRig::teacher("t");
  teacher.mutable_limits()->set_requests_per_day(1000);
  teacher.mutable_limits()->set_day_zone("America/Los_Angeles");
  const auto desk = desks.open(std::move(teacher));
  constexpr int64_t kHourUs = 3'600'000'000, kMidnightUs = 10 * 24 * kHourUs + 8 * kHourUs;  // in January
  const auto send = [&](int64_t utc_us) { desk->take({}, {}, 0s, utc_us); };
  CHECK_FALSE(desk->vendor_day_begun(kMidnightUs - kHourUs));  // it began before the service did
  for (int i = 0; i < 5; ++i) send(kMidnightUs - kHourUs / 2);
  send(kMidnightUs - 1000);  // so late that the vendor may count it tomorrow
  CHECK_FALSE(desk->vendor_day_begun(kMidnightUs - 1));
  send(kMidnightUs + kHourUs / 1000);
  const auto begun = desk->vendor_day_begun(kMidnightUs + kHourUs / 100);
  REQUIRE(begun);
  CHECK(begun->teacher == "t");
  CHECK(begun->utc_day == 10);
  CHECK(begun->requests == 2);
  CHECK_FALSE(desk->vendor_day_begun(kMidnightUs + kHourUs));

  // One that was not there at midnight knows by what was sent last.
  v1::Teacher again = desk->config();
  const auto later = desks.open(std::move(again));
  later->asked_last(kMidnightUs - kHourUs);
  CHECK(later->vendor_day_begun(kMidnightUs + kHourUs)->requests == 0);
}

TEST_CASE("output is reserved as it is expected where the vendor does not count the cap", "[flow][limit]") {
  Desks desks;
  const auto reserved = [&](const char* dialect, std::optional<bool> stated) {
    const auto desk = desks.open(dialect, &v1::Limits::set_output_cap_counts, stated);
    flow::Candidate candidate;
    candidate.input_tokens_max = 100;
    candidate.output_tokens_max = 4000;
    candidate.samples.resize(1);
    CHECK(desk->demand(candidate, {}, 0, "").output_tokens == 4000);  // nothing is known yet
    dialect::Outcome answered{.kind = v1::ANSWERED};
    answered.choices.resize(1);
    answered.usage.set_reported(true);
    answered.usage.set_input_tokens(50);
    answered.usage.set_output_tokens(200);
    for (int i = 0; i < 100; ++i) desk->count(candidate, answered);
    return desk->demand(candidate, {}, 0, "").output_tokens;
  };
  CHECK(reserved("openai-chat", std::nullopt) == 4000);
  CHECK(reserved("openai-chat", false) == Approx(200).margin(20));
  CHECK(reserved("anthropic-messages", std::nullopt) == Approx(200).margin(20));
  CHECK(reserved("anthropic-messages", true) == 4000);
}

TEST_CASE("a hold of more than three seconds is noted at once, other news a few seconds apart", "[flow][limit]") {
  Desks desks;
  const auto desk = desks.open(HarvestRig::teacher("t"));
  const auto hears = [&](std::chrono::seconds retry_after, limit::Instant now) {
    desk->limiter.learn({.throttled = true, .retry_after = retry_after}, now);
    return desk->found_news(now, now.count() / 1000);
  };
  REQUIRE(hears(20s, 100s));
  CHECK_FALSE(desk->found_news(101s, 101'000'000));
  CHECK_FALSE(hears(19s, 101s));  // the same moment
  const auto later = hears(22s, 101s);
  REQUIRE(later);  // a crash would forget three seconds of it
  CHECK(later->parked_until_us() == 123'000'000);
  const auto longer = hears(300s, 102s);
  REQUIRE(longer);
  CHECK(longer->parked_until_us() == 402'000'000);
}

TEST_CASE("how dense prompts are is noted once it is known, and is where the next run begins", "[flow][limit]") {
  Desks desks;
  const auto desk = desks.open(HarvestRig::teacher("t"));
  const flow::Candidate candidate{.input_tokens_max = 1024, .output_tokens_max = 100};
  const auto note = [&] { return desk->found_news(std::chrono::hours(1), 0); };
  CHECK_FALSE(note());
  dialect::Outcome answered{.kind = v1::ANSWERED};
  answered.usage.set_reported(true);
  answered.usage.set_input_tokens(512);
  for (int i = 0; i < 20; ++i) desk->count(candidate, answered);
  const auto noted = note();
  REQUIRE(noted);
  CHECK(noted->input_tokens_per_kib() == Approx(512).epsilon(0.05));
  CHECK_FALSE(desk->found_news(std::chrono::hours(2), 0));

  const auto next = desks.open(HarvestRig::teacher("t"));
  store::TeacherState state;
  state.found_limits = *noted;
  next->restore(state);
  CHECK(next->demand(candidate, {}, 0).input_tokens == noted->input_tokens_per_kib());
  CHECK_FALSE(next->found_news(std::chrono::hours(3), 0));
}

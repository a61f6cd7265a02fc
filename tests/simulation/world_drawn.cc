// What a seed stands for.
#include "tests/simulation/saturated_client.h"
#include "tests/simulation/world.h"

namespace harvest::simulation {
namespace {

using teachersim::limits::Enforcement;
using namespace std::chrono_literals;

/// Ten minutes to midnight, so that some runs cross it.
constexpr Time kStart = 24h - 10min;

}  // namespace

World::World(uint64_t seed) : random_(seed) {
  events_.at(kStart, [] {});
  events_.step(kStart);
  draw_limits();
  draw_jobs();
  teacher_ = std::make_unique<ModelTeacher>(manners_, random_);
  const int64_t crashes = random_.chance(0.5) ? random_.between(1, 3) : 0;
  for (int64_t i = 0; i < crashes; ++i) events_.after(1s + random_.upto(4min), [this] { crash(); });
  start();
}

void World::draw_limits() {
  constexpr Enforcement kModels[] = {Enforcement::kFixedWindow, Enforcement::kSlidingLog, Enforcement::kSlidingCounter,
                                     Enforcement::kTokenBucket};
  constexpr uint32_t kWindows[] = {60, 60, 10, 1};
  constexpr Time kJitters[] = {0ms, 50ms, 200ms, 250ms};
  v1::Limits granted;
  granted.set_window_seconds(random_.pick(kWindows));
  granted.set_requests_per_minute(static_cast<uint64_t>(random_.between(60, 1200)));
  if (random_.chance(0.6))
    granted.set_input_tokens_per_minute(static_cast<uint64_t>(random_.between(200'000, 800'000)));
  if (random_.chance(0.6))
    granted.set_output_tokens_per_minute(static_cast<uint64_t>(random_.between(100'000, 400'000)));
  if (random_.chance(0.4)) granted.set_concurrency(static_cast<uint64_t>(random_.between(1, 40)));
  const Enforcement enforcement = random_.pick(kModels);
  if (enforcement == Enforcement::kFixedWindow && random_.chance(0.4)) {
    granted.set_requests_per_day(static_cast<uint64_t>(random_.between(20, 150)));
  }
  limits_known_ = random_.chance(0.75);
  if (limits_known_) told_ = granted;
  jitter_ = random_.pick(kJitters);

  manners_.plan = plan_of(granted, enforcement);
  manners_.latency_max = std::chrono::milliseconds(random_.between(100, 20'000));
  manners_.troubles_until = kStart + random_.upto(5min);
  manners_.fault = random_.chance(0.5) ? random_.unit() * 0.6 : 0;
  manners_.rejected = random_.unit() * 0.1;
  manners_.refused = random_.unit() * 0.1;
  manners_.storm_every = random_.chance(0.3) ? random_.upto(2min) + 1s : Time::zero();
  manners_.tells_retry_after = random_.chance(0.8);
}

void World::draw_jobs() {
  constexpr double kWeights[] = {0.5, 1, 1, 2, 10};
  const int64_t jobs = random_.between(1, 4);
  int64_t whole = 0;
  for (uint32_t job = 0; job < static_cast<uint32_t>(jobs); ++job) {
    store_.jobs.push_back({.weight = random_.pick(kWeights)});
    int64_t worst = 0;
    const int64_t largest = random_.between(50, 3000);
    for (int64_t i = random_.between(5, 80); i > 0; --i) {
      StoredQuery query{.job = job,
                        .input_tokens = random_.between(10, largest),
                        .output_cap = random_.between(10, 1500),
                        .hopeless = random_.chance(manners_.rejected),
                        .due = events_.now()};
      worst += cost(query.input_tokens, query.output_cap);
      store_.queries.push_back(query);
    }
    if (random_.chance(0.4)) {
      store_.jobs.back().cap = static_cast<int64_t>(static_cast<double>(worst) * random_.unit() * 1.5);
    }
    whole += worst;
  }
  if (random_.chance(0.2)) day_cap_ = whole / 4 + random_.between(0, whole);
}

}  // namespace harvest::simulation

#include "tests/simulation/saturated_client.h"

#include <algorithm>
#include <memory>

#include "service/limit/limiter.h"
#include "tests/simulation/random.h"

namespace harvest::simulation {
namespace {

constexpr Time kWay = std::chrono::milliseconds(20);

class Client {
 public:
  explicit Client(const Saturation& given)
      : given_(given), random_(given.seed), limiter_(given.limits, std::nullopt), teacher_(given.plan) {}

  Used run() {
    wake_at(Time::zero());
    while (events_.step(given_.length)) {
    }
    const double minutes = static_cast<double>(given_.length.count()) / 60e9;
    const auto share = [&](int64_t used, int64_t per_minute) {
      return per_minute == 0 ? 0.0 : static_cast<double>(used) / (static_cast<double>(per_minute) * minutes);
    };
    used_.utilisation = std::max({share(used_.granted_requests, given_.plan.requests_per_minute),
                                  share(used_.input_tokens, given_.plan.input_tokens_per_minute),
                                  share(used_.output_tokens, given_.plan.output_tokens_per_minute)});
    return used_;
  }

 private:
  void wake_at(Time when) {
    if (when >= wake_) return;
    wake_ = when;
    const Time late = when > events_.now() ? random_.upto(given_.timer_lateness) : Time::zero();
    events_.at(when + late, [this, when] {
      if (wake_ != when) return;
      wake_ = Time::max();
      pump();
    });
  }

  void pump() {
    while (true) {
      if (!next_) next_ = std::make_unique<limit::Demand>(draw());
      const limit::Verdict verdict = limiter_.ask(*next_, nullptr, events_.now(), 0);
      if (!verdict.granted) {
        if (verdict.ready_at != limit::Instant::max()) wake_at(verdict.ready_at);
        return;
      }
      send(*next_, limiter_.take(*next_, nullptr, events_.now(), 0));
      next_.reset();
    }
  }

  limit::Demand draw() {
    return {.input_tokens = random_.between(given_.input_low, given_.input_high), .output_tokens = given_.output_cap};
  }

  void send(const limit::Demand& demand, const limit::Permit& permit) {
    ++used_.sent;
    events_.after(kWay + random_.upto(given_.jitter), [this, demand, permit] { arrive(demand, permit); });
  }

  void arrive(const limit::Demand& demand, const limit::Permit& permit) {
    const teachersim::limits::Ask ask{.input_tokens = demand.input_tokens, .output_cap = demand.output_tokens};
    const Time arrived = events_.now();
    const teachersim::limits::Decision decision = teacher_.admit(ask, arrived);
    if (!decision.granted) {
      ++used_.throttled;
      events_.after(kWay, [this, permit, decision] {
        limiter_.learn({.throttled = true, .retry_after = decision.retry_after, .sent_at = permit.taken_at},
                       events_.now());
        limiter_.settle(permit, {.unprocessed = true}, nullptr, events_.now());
        pump();
      });
      return;
    }
    const int64_t output = random_.between(given_.output_low, given_.output_high);
    ++used_.granted_requests;
    used_.input_tokens += demand.input_tokens;
    used_.output_tokens += output;
    events_.after(given_.latency_low + random_.upto(given_.latency_high - given_.latency_low),
                  [this, ask, permit, arrived, output] {
                    teacher_.settle(ask, arrived, output, events_.now());
                    events_.after(kWay, [this, permit, output] { answered(permit, output); });
                  });
  }

  void answered(const limit::Permit& permit, int64_t output) {
    limiter_.learn({.sent_at = permit.taken_at}, events_.now());
    limiter_.settle(permit, {.input_tokens = permit.reserved.input_tokens, .output_tokens = output}, nullptr,
                    events_.now());
    pump();
  }

  const Saturation& given_;
  Random random_;
  EventQueue events_;
  limit::Limiter limiter_;
  teachersim::limits::Limits teacher_;
  Used used_;
  std::unique_ptr<limit::Demand> next_;
  Time wake_ = Time::max();
};

}  // namespace

Used saturate(const Saturation& given) {
  return Client(given).run();
}

teachersim::limits::Plan plan_of(const v1::Limits& limits, teachersim::limits::Enforcement enforcement) {
  teachersim::limits::Plan plan;
  plan.requests_per_minute = static_cast<int64_t>(limits.requests_per_minute());
  plan.input_tokens_per_minute = static_cast<int64_t>(limits.input_tokens_per_minute());
  plan.output_tokens_per_minute = static_cast<int64_t>(limits.output_tokens_per_minute());
  plan.requests_per_day = static_cast<int64_t>(limits.requests_per_day());
  plan.concurrency = static_cast<int64_t>(limits.concurrency());
  plan.enforcement = enforcement;
  plan.window = std::chrono::seconds(limits.window_seconds() == 0 ? 60 : limits.window_seconds());
  plan.token_window = plan.window;
  return plan;
}

}  // namespace harvest::simulation

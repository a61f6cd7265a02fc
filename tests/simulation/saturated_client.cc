#include "tests/simulation/saturated_client.h"

#include <algorithm>
#include <memory>

#include "tests/simulation/random.h"

namespace harvest::simulation {
namespace {

using namespace std::chrono_literals;
constexpr Time kWay = std::chrono::milliseconds(20);

class Client {
 public:
  explicit Client(const Saturation& given)
      : given_(given),
        random_(given.seed),
        pacer_(given.pacer ? given.pacer() : our_limiter(given.limits)),
        teacher_(std::make_unique<teachersim::limits::Limits>(given.plan)) {}

  Used run() {
    used_.each_second.resize(static_cast<size_t>(given_.length / 1s) + 1);
    wake_at(Time::zero());
    if (given_.restarts_at) events_.at(*given_.restarts_at, [this] { restart(); });
    if (given_.changes_at) events_.at(*given_.changes_at, [this] { change(); });
    if (given_.neighbour_from) events_.at(*given_.neighbour_from, [this] { neighbour(); });
    while (events_.step(given_.length)) {
    }
    const teachersim::limits::Plan& plan = given_.changes_at ? given_.plan_then : given_.plan;
    const double minutes = static_cast<double>((given_.length - given_.measured_from).count()) / 60e9;
    const auto share = [&](int64_t used, int64_t per_minute) {
      return per_minute == 0 ? 0.0 : static_cast<double>(used) / (static_cast<double>(per_minute) * minutes);
    };
    used_.utilisation = std::max({share(used_.granted_requests, plan.requests_per_minute),
                                  share(used_.input_tokens, plan.input_tokens_per_minute),
                                  share(used_.output_tokens, plan.output_tokens_per_minute)});
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
      const Time ready = pacer_->ready_at(*next_, events_.now());
      if (ready > events_.now()) {
        if (ready != Time::max()) wake_at(ready);
        return;
      }
      pacer_->sent(*next_, events_.now());
      send(*next_);
      next_.reset();
    }
  }

  limit::Demand draw() {
    return {.input_tokens = random_.between(given_.input_low, given_.input_high),
            .output_tokens = given_.output_reserved.value_or(given_.output_cap)};
  }

  void send(const limit::Demand& demand) {
    if (measured()) ++used_.sent;
    events_.after(kWay + given_.network.draw(random_),
                  [this, demand, sent = events_.now(), life = life_] { arrive(demand, sent, life); });
  }

  void arrive(const limit::Demand& demand, Time sent, int life) {
    const teachersim::limits::Ask ask{.input_tokens = demand.input_tokens, .output_cap = given_.output_cap};
    const Time arrived = events_.now();
    const teachersim::limits::Decision decision = teacher_->admit(ask, arrived);
    if (!decision.granted) {
      ++(measured() ? used_.throttled : used_.throttled_before);
      std::optional<Time> retry_after;
      if (given_.tells_retry_after && decision.retry_after > Time::zero()) retry_after = decision.retry_after;
      events_.after(kWay, [this, demand, sent, retry_after, life] {
        if (life != life_) return;
        pacer_->throttled(demand, sent, retry_after, events_.now());
        pump();
      });
      return;
    }
    const int64_t output = random_.between(given_.output_low, given_.output_high);
    used_.each_second[static_cast<size_t>(arrived / 1s)] += given_.plan.requests_per_minute > 0 ? 1
                                                            : given_.plan.input_tokens_per_minute > 0
                                                                ? demand.input_tokens
                                                                : output;
    if (measured()) {
      ++used_.granted_requests;
      used_.input_tokens += demand.input_tokens;
      used_.output_tokens += output;
    }
    events_.after(given_.latency_low + random_.upto(given_.latency_high - given_.latency_low),
                  [this, ask, demand, sent, arrived, output, life, plan = plan_] {
                    if (plan == plan_) teacher_->settle(ask, arrived, output, events_.now());
                    events_.after(kWay, [this, demand, sent, output, life] {
                      if (life != life_) return;
                      pacer_->answered(demand, sent, output, events_.now());
                      pump();
                    });
                  });
  }

  void restart() {
    ++life_;
    pacer_->restart(events_.now());
    wake_ = Time::max();
    pump();
  }

  void change() {
    ++plan_;
    teacher_ = std::make_unique<teachersim::limits::Limits>(given_.plan_then);
  }

  void neighbour() {
    if (given_.neighbour_until && events_.now() >= *given_.neighbour_until) return;
    const teachersim::limits::Ask ask{.input_tokens = given_.input_low, .output_cap = 1};
    if (teacher_->admit(ask, events_.now()).granted)
      events_.after(1s, [this, ask, arrived = events_.now(), plan = plan_] {
        if (plan == plan_) teacher_->settle(ask, arrived, 1, events_.now());
      });
    events_.after(Time(60s) / given_.neighbour_per_minute, [this] { neighbour(); });
  }

  bool measured() const { return events_.now() >= given_.measured_from; }

  const Saturation& given_;
  Random random_;
  EventQueue events_;
  std::unique_ptr<Pacer> pacer_;
  std::unique_ptr<teachersim::limits::Limits> teacher_;
  int life_ = 0;  ///< of the client
  int plan_ = 0;  ///< of the teacher
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
  plan.tokens_per_minute = static_cast<int64_t>(limits.tokens_per_minute());
  plan.requests_per_day = static_cast<int64_t>(limits.requests_per_day());
  plan.concurrency = static_cast<int64_t>(limits.concurrency());
  plan.enforcement = enforcement;
  plan.window = std::chrono::seconds(limits.window_seconds() == 0 ? 60 : limits.window_seconds());
  plan.token_window = plan.window;
  return plan;
}

}  // namespace harvest::simulation

#include "tests/simulation/self_hosted_client.h"

#include <algorithm>
#include <cmath>

#include "service/limit/first_token_estimate.h"
#include "service/limit/first_token_gradient.h"
#include "tests/simulation/self_hosted_teacher.h"

namespace harvest::simulation {
namespace {

using namespace std::chrono_literals;

/// Netflix's Gradient2 as the reference gives it, to compare with.
struct Gradient2 {
  double bound = 16, average = 0;
  int64_t samples = 0;

  void learn(Time first_token, int64_t in_flight) {
    const double now = std::chrono::duration<double>(first_token).count();
    ++samples;
    average += (now - average) / static_cast<double>(std::min<int64_t>(samples, 300));  // a window of 600, exponential
    if (2 * in_flight < static_cast<int64_t>(bound)) return;
    const double gradient = std::clamp(1.5 * average / now, 0.5, 1.0);
    bound += (gradient * bound + 4 - bound) * 0.2;
  }
};

class Client {
 public:
  explicit Client(const Scene& scene)
      : scene_(scene), random_(scene.seed), server_(Engine{.slots = scene.slots}, events_) {}

  std::vector<Second> run() {
    const auto length = static_cast<size_t>(scene_.length / 1s);
    run_.resize(length + 1);
    for (size_t i = 0; i <= length; ++i) events_.at(Time(1s) * i, [this, i] { each_second(i); });
    if (scene_.halved_from > Time::zero()) {
      events_.at(scene_.halved_from, [this] { server_.restart(scene_.slots / 2); });
      events_.at(scene_.halved_until, [this] { server_.restart(scene_.slots); });
    }
    if (scene_.neighbour_from > Time::zero())
      events_.at(scene_.neighbour_from, [this] {
        for (int64_t i = 0; i < scene_.slots / 2; ++i) send_as_neighbour();
      });
    pump();
    while (events_.step(scene_.length)) {
    }
    run_.pop_back();
    return run_;
  }

 private:
  int64_t bound() const {
    if (scene_.signal == Signal::kNone) return scene_.fixed;
    return scene_.signal == Signal::kGradient2 ? static_cast<int64_t>(reference_.bound) : gradient_.bound();
  }

  Second& this_second() { return run_[static_cast<size_t>(events_.now() / 1s)]; }

  void each_second(size_t i) {
    run_[i].bound = static_cast<double>(bound());
    run_[i].waiting_seconds = -server_.waiting_seconds();
    if (i > 0) run_[i - 1].waiting_seconds += server_.waiting_seconds();
    if (scene_.signal != Signal::kGauges) return;
    gradient_.learn_waiting(server_.waiting(), server_.running(), in_flight_, events_.now());
    pump();
  }

  void pump() {
    if (pumping_) return;
    pumping_ = true;
    while (in_flight_ < bound()) send();
    pumping_ = false;
  }

  Time way() { return 2ms + random_.upto(3ms); }

  void send() {
    ++in_flight_;
    const int64_t prompt = scene_.prompts.draw(random_);
    const int64_t answer = scene_.answers.draw(random_);
    events_.after(way(), [this, prompt, answer, sent = events_.now(), among = in_flight_] {
      server_.arrive({.prompt_tokens = prompt,
                      .output_tokens = answer,
                      .first_token = [this, sent, among] { begun(sent, among); },
                      .ended = [this, sent, among, answer](bool answered) { ended(sent, among, answer, answered); }});
    });
  }

  void begun(Time sent, int64_t among) {
    const Time now = events_.now();
    reference_.learn(now - sent, among);
    // Where the gauges are heard, they are to win over this.
    if (scene_.signal != Signal::kDuration) gradient_.learn(now - sent, among, now);
    pump();
  }

  void ended(Time sent, int64_t among, int64_t answer, bool answered) {
    const Time now = events_.now();
    --in_flight_;
    if (answered) {
      this_second().tokens += static_cast<double>(answer);
      this_second().tokens_of_all += static_cast<double>(answer);
      if (scene_.signal == Signal::kDuration)
        if (const auto first_token = estimate_.learn(now - sent, answer)) gradient_.learn(*first_token, among, now);
    }
    // Not from within the server: a lost query comes back when it has restarted.
    events_.after(0s, [this] { pump(); });
  }

  void send_as_neighbour() {
    if (events_.now() >= scene_.neighbour_until) return;
    const int64_t prompt = scene_.prompts.draw(random_);
    const int64_t answer = scene_.answers.draw(random_);
    server_.arrive({.prompt_tokens = prompt,
                    .output_tokens = answer,
                    .first_token = [] {},
                    .ended =
                        [this, answer](bool) {
                          this_second().tokens_of_all += static_cast<double>(answer);
                          events_.after(way(), [this] { send_as_neighbour(); });
                        }});
  }

  const Scene& scene_;
  Random random_;
  EventQueue events_;
  SelfHostedTeacher server_;
  Gradient2 reference_;
  harvest::limit::FirstTokenGradient gradient_;
  harvest::limit::FirstTokenEstimate estimate_;
  int64_t in_flight_ = 0;
  bool pumping_ = false;
  std::vector<Second> run_;
};

}  // namespace

int64_t Lengths::draw(Random& random) const {
  // Box and Muller: std::normal_distribution differs between libraries.
  const double normal = std::sqrt(-2 * std::log(1 - random.unit())) * std::cos(2 * std::acos(-1.0) * random.unit());
  return std::clamp<int64_t>(std::llround(median * std::exp(sigma * normal)), 1, most);
}

std::vector<Second> run(const Scene& scene) {
  return Client(scene).run();
}

}  // namespace harvest::simulation

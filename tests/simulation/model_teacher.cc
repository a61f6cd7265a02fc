#include "tests/simulation/model_teacher.h"

namespace harvest::simulation {
namespace {

using teachersim::limits::Ask;
using teachersim::limits::Dimension;
using teachersim::limits::Limits;
using namespace std::chrono_literals;

dialect::MetLimit named(Dimension dimension) {
  switch (dimension) {
    case Dimension::kRequests:
      return dialect::MetLimit::kRequests;
    case Dimension::kInputTokens:
    case Dimension::kTokens:  // as dialects read it
      return dialect::MetLimit::kInputTokens;
    case Dimension::kOutputTokens:
      return dialect::MetLimit::kOutputTokens;
    case Dimension::kRequestsPerDay:
      return dialect::MetLimit::kRequestsPerDay;
    case Dimension::kConcurrency:
      return dialect::MetLimit::kConcurrency;
  }
  return dialect::MetLimit::kUnknown;
}

}  // namespace

ModelTeacher::ModelTeacher(const Manners& manners, Random& random, EventQueue& events)
    : manners_(manners), limits_(std::make_unique<Limits>(manners.plan)), random_(random), events_(events) {
  if (manners_.changes_at) events_.at(*manners_.changes_at, [this] { change(); });
  if (manners_.neighbour_from) events_.at(*manners_.neighbour_from, [this] { neighbour(); });
}

void ModelTeacher::change() {
  ++plan_;
  limits_ = std::make_unique<Limits>(manners_.plan_then);
}

void ModelTeacher::neighbour() {
  if (events_.now() >= manners_.neighbour_until) return;
  if (limits_->admit(manners_.neighbour, events_.now()).granted) finish_after(1s, manners_.neighbour, 0);
  events_.after(2 * random_.upto(Time(60s) / manners_.neighbour_per_minute), [this] { neighbour(); });
}

void ModelTeacher::finish_after(Time latency, const Ask& ask, int64_t output_tokens) {
  events_.after(latency, [this, ask, output_tokens, arrived = events_.now(), plan = plan_] {
    if (plan == plan_) limits_->settle(ask, arrived, output_tokens, events_.now());
  });
}

bool ModelTeacher::storming() const {
  if (manners_.storm_every == Time::zero() || events_.now() >= manners_.troubles_until) return false;
  return events_.now() % manners_.storm_every < manners_.storm_every / 6;
}

bool ModelTeacher::overloaded() const {
  if (manners_.overload_every == Time::zero() || events_.now() >= manners_.troubles_until) return false;
  return events_.now() % manners_.overload_every < manners_.overload_every / 10;
}

void ModelTeacher::write_headers(dialect::Outcome& outcome) {
  const auto window = [this](Dimension dimension) -> dialect::LimitWindow {
    const teachersim::limits::Standing standing = limits_->standing(dimension, events_.now());
    if (standing.limit == 0) return {};
    return {.limit = standing.limit, .remaining = standing.remaining, .reset_in = standing.reset_in};
  };
  outcome.requests = window(Dimension::kRequests);
  outcome.input_tokens = window(manners_.plan.tokens_per_minute > 0 ? Dimension::kTokens : Dimension::kInputTokens);
  outcome.output_tokens = window(Dimension::kOutputTokens);
}

Reply ModelTeacher::arrive(const Ask& ask, bool hopeless) {
  Reply reply;
  const auto throttled = [&](std::optional<Time> retry_after) {
    reply.outcome.kind = v1::THROTTLED;
    reply.outcome.retry = dialect::Retry::kSafe;
    if (manners_.tells_retry_after && retry_after > Time::zero()) reply.outcome.retry_after = retry_after;
    return reply;
  };
  if (storming()) return throttled(std::chrono::seconds(random_.between(1, 20)));
  if (overloaded()) {
    reply.outcome = {.kind = v1::FAULTED, .retry = dialect::Retry::kSafe, .overloaded = true};
    return reply;
  }
  const teachersim::limits::Decision decision = limits_->admit(ask, events_.now());
  if (manners_.sends_headers) write_headers(reply.outcome);
  if (!decision.granted) {
    reply.over_limit = decision.refused_by;
    if (manners_.names_the_limit) reply.outcome.met_limit = named(decision.refused_by);
    return throttled(decision.retry_after);
  }

  reply.latency = 50ms + random_.upto(manners_.latency_max);
  if (hopeless) {
    reply.outcome.kind = v1::REJECTED;
    reply.outcome.retry = dialect::Retry::kPermanent;
  } else if (events_.now() < manners_.troubles_until && random_.chance(manners_.fault)) {
    reply.outcome.kind = v1::FAULTED;
    const bool safe = random_.chance(0.5);
    reply.outcome.retry = safe ? dialect::Retry::kSafe : dialect::Retry::kAmbiguous;
    reply.billed = !safe && random_.chance(0.5);
  } else {
    reply.outcome.kind = random_.chance(manners_.refused) ? v1::REFUSED : v1::ANSWERED;
    reply.billed = true;
  }
  if (reply.billed) reply.output_tokens = random_.between(0, ask.output_cap);
  finish_after(reply.latency, ask, reply.output_tokens);
  return reply;
}

}  // namespace harvest::simulation

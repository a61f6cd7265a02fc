#include "tests/simulation/model_teacher.h"

namespace harvest::simulation {

bool ModelTeacher::storming(Time now) const {
  if (manners_.storm_every == Time::zero() || now >= manners_.troubles_until) return false;
  return now % manners_.storm_every < manners_.storm_every / 6;
}

Reply ModelTeacher::arrive(const teachersim::limits::Ask& ask, bool hopeless, Time now) {
  Reply reply;
  const auto throttled = [&](std::optional<Time> retry_after) {
    reply.outcome.kind = v1::THROTTLED;
    reply.outcome.retry = dialect::Retry::kSafe;
    if (manners_.tells_retry_after) reply.outcome.retry_after = retry_after;
    return reply;
  };
  if (storming(now)) return throttled(std::chrono::seconds(random_.between(1, 20)));
  const teachersim::limits::Decision decision = limits_.admit(ask, now);
  if (!decision.granted) {
    reply.over_limit = true;
    return throttled(decision.retry_after);
  }

  reply.latency = std::chrono::milliseconds(50) + random_.upto(manners_.latency_max);
  if (hopeless) {
    reply.outcome.kind = v1::REJECTED;
    reply.outcome.retry = dialect::Retry::kPermanent;
    return reply;
  }
  if (now < manners_.troubles_until && random_.chance(manners_.fault)) {
    reply.outcome.kind = v1::FAULTED;
    const bool safe = random_.chance(0.5);
    reply.outcome.retry = safe ? dialect::Retry::kSafe : dialect::Retry::kAmbiguous;
    reply.billed = !safe && random_.chance(0.5);
  } else {
    reply.outcome.kind = random_.chance(manners_.refused) ? v1::REFUSED : v1::ANSWERED;
    reply.billed = true;
  }
  if (reply.billed) reply.output_tokens = random_.between(0, ask.output_cap);
  return reply;
}

}  // namespace harvest::simulation

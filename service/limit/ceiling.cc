#include "service/limit/ceiling.h"

#include <cassert>

#include "service/limit/figure.h"

namespace harvest::limit {

void Ceiling::set_limits(const v1::Limits& limits) {
  // Nobody measures it over a network: it is paced for the whole of its figure.
  const auto configure = [](PacedLimit& limit, std::optional<int64_t> per_minute) {
    limit.configure(per_minute, kWindowSeconds, Instant::zero());
  };
  configure(requests_, figure(limits.has_requests_per_minute(), limits.requests_per_minute()));
  configure(input_tokens_, figure(limits.has_input_tokens_per_minute(), limits.input_tokens_per_minute()));
  configure(output_tokens_, figure(limits.has_output_tokens_per_minute(), limits.output_tokens_per_minute()));
  configure(tokens_, figure(limits.has_tokens_per_minute(), limits.tokens_per_minute()));
  concurrency_max_ = figure(limits.has_concurrency(), limits.concurrency());
}

Verdict Ceiling::ask(const Demand& demand, Instant now) const {
  Verdict verdict{.granted = true, .ready_at = now};
  verdict.bind(Dimension::kJobCeiling, requests_.ready_at(1, now));
  verdict.bind(Dimension::kJobCeiling, input_tokens_.ready_at(demand.input_tokens, now));
  verdict.bind(Dimension::kJobCeiling, output_tokens_.ready_at(demand.output_tokens, now));
  verdict.bind(Dimension::kJobCeiling, tokens_.ready_at(demand.input_tokens + demand.output_tokens, now));
  if (concurrency_max_ && in_flight_ >= *concurrency_max_) verdict.bind(Dimension::kJobCeiling, kNever);
  return verdict;
}

void Ceiling::take(const Demand& demand, Instant now) {
  assert(ask(demand, now).granted);
  requests_.take(1, now);
  input_tokens_.take(demand.input_tokens, now);
  output_tokens_.take(demand.output_tokens, now);
  tokens_.take(demand.input_tokens + demand.output_tokens, now);
  ++in_flight_;
}

void Ceiling::settle(const Permit& permit, const Actual& actual, Instant now) {
  if (permit.money_only) return;
  const Demand& reserved = permit.reserved;
  if (!actual.at_risk) {
    input_tokens_.settle(permit.taken_at, reserved.input_tokens, actual.input_weight(), now);
    output_tokens_.settle(permit.taken_at, reserved.output_tokens, actual.output_weight(), now);
    tokens_.settle(permit.taken_at, reserved.input_tokens + reserved.output_tokens,
                   actual.input_weight() + actual.output_weight(), now);
  }
  assert(in_flight_ > 0);
  --in_flight_;
}

}  // namespace harvest::limit

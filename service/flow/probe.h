#pragma once

#include <string>

#include "harvest/v1/control.pb.h"
#include "service/dialect/dialect.h"
#include "service/price/price_list.h"

/// What a probe asks, and what its answer tells of a teacher: pure. Harvester::probe() makes the calls.
namespace harvest::flow {

/// One cheap question. It asks for all that the dialect can say at once (two choices, logprobs, a stream), so that one
/// call finds out what this model gives.
struct ProbePlan {
  v1::Prompt prompt;
  v1::Sampling sampling;
  uint32_t choices = 1;
  bool stream = false;

  dialect::QueryView query() const { return {prompt, sampling, choices, stream}; }
};
ProbePlan full_probe(const dialect::Abilities& abilities);
/// Nothing but the question: for a model that rejects the full one.
ProbePlan plain_probe();

/// Adds what a call told. `full`: the words of the rejection that the full probe met; empty where it was answered.
void report(const dialect::Abilities& abilities, const ProbePlan& plan, const dialect::HttpExchange& exchange,
            const dialect::Outcome& outcome, const std::string& rejected_full, v1::ProbeReply& reply);

/// The exchange as golden cases (tests/golden): a request and a response. The request holds no key by its nature; of
/// the response's headers those that name an account or a session are left out.
std::string golden_cases(const v1::Teacher& teacher, const ProbePlan& plan, const dialect::HttpRequest& request,
                         const dialect::HttpExchange& exchange, const dialect::Outcome& outcome);

}  // namespace harvest::flow

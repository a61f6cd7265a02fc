#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "harvest/v1/control.pb.h"
#include "service/dialect/dialect.h"

/// What a probe asks, and what its answer tells of a teacher: pure. probe_search decides what is asked next, and
/// Harvester::probe() makes the calls.
namespace harvest::flow {

/// A probe that has taken so long asks nothing more.
inline constexpr std::chrono::seconds kProbeTime{60};

/// What a probe asks for beside an answer. Models reject what they cannot give most often in this order.
enum class ProbeFeature : uint8_t { kReasoning, kLogprobs, kChoices, kStreaming };
using ProbeFeatures = std::vector<ProbeFeature>;

/// The feature's name in a reply.
std::string_view name_of(ProbeFeature feature);

/// One cheap question, with features that its answer shows.
struct ProbePlan {
  v1::Prompt prompt;
  v1::Sampling sampling;
  uint32_t choices = 1;
  bool stream = false;

  dialect::QueryView query() const { return {prompt, sampling, choices, stream}; }
};
ProbePlan probe_plan(const dialect::Dialect& dialect, const v1::Teacher& teacher, const ProbeFeatures& features);

/// All that this teacher's dialect can say.
ProbeFeatures askable(const dialect::Dialect& dialect, const v1::Teacher& teacher);

/// Did the answer to this question have it?
bool shows(ProbeFeature feature, const ProbePlan& plan, const dialect::Outcome& outcome);

/// What a call told, but for the features.
void report(const dialect::HttpExchange& exchange, const dialect::Outcome& outcome, v1::ProbeReply& reply);

/// The exchange as golden cases (tests/golden): a request and a response. The request holds no key by its nature; of
/// the response's headers those that name an account or a session are left out, and the endpoint keeps its shape but
/// not the name of its account.
std::string golden_cases(const v1::Teacher& teacher, const ProbePlan& plan, const dialect::HttpRequest& request,
                         const dialect::HttpExchange& exchange, const dialect::Outcome& outcome);

}  // namespace harvest::flow

#include "service/flow/probe.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "proto/text/money.h"

namespace harvest::flow {
namespace {

constexpr uint32_t kOutputTokens = 16;  // the least that all vendors take

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

void add_limit(std::string_view dimension, const dialect::LimitWindow& window, v1::ProbeReply& reply) {
  if (!window.limit && !window.remaining) return;
  v1::ProbeReply::Limit* limit = reply.add_limits();
  limit->set_dimension(std::string(dimension));
  limit->set_limit(window.limit.value_or(-1));
  limit->set_remaining(window.remaining.value_or(-1));
}

/// What was asked for and came, or did not.
class Findings {
 public:
  Findings(const std::string& rejected_full, v1::ProbeReply& reply) : rejected_full_(rejected_full), reply_(reply) {}

  void add(const char* name, bool in_dialect, bool found, std::string note = "") {
    v1::ProbeReply::Capability* capability = reply_.add_capabilities();
    capability->set_name(name);
    if (!in_dialect) {
      capability->set_state("not_in_dialect");
    } else if (found) {
      capability->set_state("found");
      capability->set_note(std::move(note));
    } else if (!rejected_full_.empty()) {
      capability->set_state("refused");
      capability->set_note(rejected_full_);
    } else {
      capability->set_state("missing");
    }
  }

 private:
  const std::string& rejected_full_;
  v1::ProbeReply& reply_;
};

}  // namespace

ProbePlan plain_probe() {
  ProbePlan plan;
  v1::Message* message = plan.prompt.add_messages();
  message->set_role("user");
  message->set_content("Say: ready.");
  plan.sampling.set_max_output_tokens(kOutputTokens);
  return plan;
}

ProbePlan full_probe(const dialect::Abilities& abilities) {
  ProbePlan plan = plain_probe();
  plan.choices = std::min(2u, abilities.choices_max);
  plan.stream = abilities.streaming;
  if (abilities.logprobs) plan.sampling.set_top_logprobs(std::min(1u, abilities.top_logprobs_max));
  return plan;
}

void report(const dialect::Abilities& abilities, const ProbePlan& plan, const dialect::HttpExchange& exchange,
            const dialect::Outcome& outcome, const std::string& rejected_full, v1::ProbeReply& reply) {
  reply.set_reachable(exchange.status > 0);
  reply.set_tls(exchange.status > 0 && absl::StartsWith(reply.endpoint(), "https://"));
  reply.set_authenticated(exchange.status > 0 && outcome.halt_cause != dialect::HaltCause::kAccess);
  reply.set_outcome(absl::AsciiStrToLower(v1::Outcome_Name(outcome.kind)));
  reply.set_vendor_code(outcome.vendor_code);
  reply.set_message(outcome.message);
  reply.set_model_reported(outcome.model_reported);
  reply.set_seconds(reply.seconds() + seconds(exchange.duration));
  // The stand-in says who it is; whatever does not is taken for the teacher itself.
  reply.set_live(exchange.status > 0 && !exchange.header("server").starts_with("teachersim"));
  if (outcome.first_token_end) reply.set_first_token_seconds(seconds(exchange.time_of(*outcome.first_token_end)));
  add_limit("requests", outcome.requests, reply);
  add_limit("input_tokens", outcome.input_tokens, reply);
  add_limit("output_tokens", outcome.output_tokens, reply);
  if (!outcome.has_answer()) return;

  const bool labelled = std::any_of(outcome.choices.begin(), outcome.choices.end(),
                                    [](const dialect::Choice& choice) { return choice.soft_labels.tokens_size() > 0; });
  const bool thought = outcome.usage.reasoning_tokens() > 0 ||
                       std::any_of(outcome.choices.begin(), outcome.choices.end(), [](const dialect::Choice& choice) {
                         return !choice.message.reasoning_content().empty();
                       });
  Findings findings(rejected_full, reply);
  findings.add("logprobs", abilities.logprobs, labelled,
               absl::StrCat("up to ", abilities.top_logprobs_max, " a position in this dialect"));
  findings.add("n", abilities.choices_max > 1, plan.choices > 1 && outcome.choices.size() == plan.choices);
  findings.add("streaming", abilities.streaming, plan.stream && outcome.first_token_end.has_value());
  // Not asked for: a model that thinks does it unbidden, or says so in its usage.
  v1::ProbeReply::Capability* reasoning = reply.add_capabilities();
  reasoning->set_name("reasoning");
  reasoning->set_state(thought ? "found" : "missing");
  if (!thought) reasoning->set_note("not asked for: nothing of it in text or usage");
  v1::ProbeReply::Capability* usage = reply.add_capabilities();
  usage->set_name("usage");
  usage->set_state(outcome.usage.reported() ? "found" : "missing");
  if (!outcome.usage.reported()) usage->set_note("answers are booked at their bound");
}

}  // namespace harvest::flow

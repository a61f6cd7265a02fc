#include "service/flow/probe.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace harvest::flow {
namespace {

constexpr uint32_t kOutputTokens = 16;      // the least that all vendors take
constexpr uint32_t kThinkingTokens = 1024;  // likewise, of a budget

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

ProbePlan plain() {
  ProbePlan plan;
  v1::Message* message = plan.prompt.add_messages();
  message->set_role("user");
  message->set_content("Say: ready.");
  plan.sampling.set_max_output_tokens(kOutputTokens);
  return plan;
}

bool has(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The least thinking that this teacher can be asked for; false: it cannot be.
bool ask_for_thinking(const dialect::Dialect& dialect, const v1::Teacher& teacher, ProbePlan& plan) {
  const dialect::Abilities& abilities = dialect.abilities(teacher);
  const bool any = has(abilities.efforts, dialect::kAnyValue);
  std::vector<v1::Sampling> ways;
  if (abilities.reasoning_budget) {
    v1::Sampling& budget = ways.emplace_back(plan.sampling);
    budget.set_reasoning_budget_tokens(kThinkingTokens);
    budget.set_max_output_tokens(kThinkingTokens + kOutputTokens);
  }
  // `low` first: every model that thinks by degrees has it.
  for (const std::string_view word : {"low", "medium", "high", "minimal"})
    if (any || has(abilities.efforts, word)) ways.emplace_back(plan.sampling).set_reasoning_effort(std::string(word));
  // A budget makes a model think, a degree only says how much; but what servers of one's own take is mostly the latter.
  if (any && abilities.reasoning_budget) std::rotate(ways.begin(), ways.begin() + 1, ways.end());
  for (v1::Sampling& way : ways) {
    if (!dialect.check(teacher, plan.prompt, way).ok()) continue;
    plan.sampling = std::move(way);
    return true;
  }
  return false;
}

}  // namespace

std::string_view name_of(ProbeFeature feature) {
  constexpr std::array<std::string_view, 4> kNames{"reasoning", "logprobs", "n", "streaming"};
  return kNames[static_cast<size_t>(feature)];
}

ProbeFeatures askable(const dialect::Dialect& dialect, const v1::Teacher& teacher) {
  const dialect::Abilities& abilities = dialect.abilities(teacher);
  ProbeFeatures features;
  if (ProbePlan plan = plain(); ask_for_thinking(dialect, teacher, plan)) features.push_back(ProbeFeature::kReasoning);
  if (abilities.logprobs) features.push_back(ProbeFeature::kLogprobs);
  if (abilities.choices_max > 1) features.push_back(ProbeFeature::kChoices);
  if (abilities.streaming) features.push_back(ProbeFeature::kStreaming);
  return features;
}

ProbePlan probe_plan(const dialect::Dialect& dialect, const v1::Teacher& teacher, const ProbeFeatures& features) {
  const dialect::Abilities& abilities = dialect.abilities(teacher);
  ProbePlan plan = plain();
  for (const ProbeFeature feature : features) switch (feature) {
      case ProbeFeature::kReasoning:
        ask_for_thinking(dialect, teacher, plan);
        break;
      case ProbeFeature::kLogprobs:
        plan.sampling.set_top_logprobs(std::min(1u, abilities.top_logprobs_max));
        break;
      case ProbeFeature::kChoices:
        plan.choices = 2;
        break;
      case ProbeFeature::kStreaming:
        plan.stream = true;
        break;
    }
  return plan;
}

bool shows(ProbeFeature feature, const ProbePlan& plan, const dialect::Outcome& outcome) {
  const auto any = [&](auto has_it) { return std::any_of(outcome.choices.begin(), outcome.choices.end(), has_it); };
  switch (feature) {
    case ProbeFeature::kReasoning:
      return outcome.usage.reasoning_tokens() > 0 ||
             any([](const dialect::Choice& choice) { return !choice.message.reasoning_content().empty(); });
    case ProbeFeature::kLogprobs:
      return any([](const dialect::Choice& choice) { return choice.soft_labels.tokens_size() > 0; });
    case ProbeFeature::kChoices:
      return plan.choices > 1 && outcome.choices.size() == plan.choices;
    case ProbeFeature::kStreaming:
      return plan.stream && outcome.first_token_end.has_value();
  }
  return false;
}

void report(const dialect::HttpExchange& exchange, const dialect::Outcome& outcome, v1::ProbeReply& reply) {
  reply.set_reachable(exchange.status > 0);
  reply.set_tls(exchange.status > 0 && absl::StartsWith(reply.endpoint(), "https://"));
  reply.set_authenticated(exchange.status > 0 && outcome.halt_cause != dialect::HaltCause::kAccess);
  reply.set_outcome(absl::AsciiStrToLower(v1::Outcome_Name(outcome.kind)));
  reply.set_vendor_code(outcome.vendor_code);
  reply.set_message(outcome.message);
  reply.set_model_reported(outcome.model_reported);
  // The stand-in says who it is; whatever does not is taken for the teacher itself.
  reply.set_live(exchange.status > 0 && !exchange.header("server").starts_with("teachersim"));
  if (outcome.first_token_end) reply.set_first_token_seconds(seconds(exchange.time_of(*outcome.first_token_end)));
  add_limit("requests", outcome.requests, reply);
  add_limit("input_tokens", outcome.input_tokens, reply);
  add_limit("output_tokens", outcome.output_tokens, reply);
}

}  // namespace harvest::flow

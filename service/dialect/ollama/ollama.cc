#include "service/dialect/ollama/ollama.h"

#include <algorithm>
#include <array>

#include "service/dialect/ascii.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/field_error.h"
#include "service/dialect/ollama/ollama_answer.h"
#include "service/dialect/ollama/ollama_messages.h"
#include "service/dialect/ollama/ollama_request.h"

namespace harvest::dialect {
namespace {

/// Models that know no degrees take any but none as yes.
constexpr std::array<std::string_view, 4> kEfforts{"none", "low", "medium", "high"};
constexpr std::array<std::string_view, 6> kOwnKeys{"model", "messages", "tools", "stream", "logprobs", "top_logprobs"};

const Abilities& able() {
  static const Abilities kAbilities{.dialect = "ollama",
                                    .temperature_max = 100,
                                    .top_k = true,
                                    .seed = true,
                                    .stops_max = 64,
                                    .logprobs = true,
                                    .top_logprobs_max = 20,
                                    .efforts = kEfforts,
                                    .reasoning_budget = true,
                                    .json_object = true,
                                    .json_schema = true,
                                    .images = true,
                                    .system_anywhere = true,
                                    .own_keys = kOwnKeys};
  return kAbilities;
}

absl::Status check_thinking(const v1::Sampling& sampling) {
  if (!sampling.has_reasoning_budget_tokens()) return absl::OkStatus();
  if (sampling.reasoning_budget_tokens() > 0)
    return field_error("reasoning_budget_tokens", "ollama has no budget of thinking; 0 turns it off");
  if (!sampling.reasoning_effort().empty() && sampling.reasoning_effort() != "none")
    return field_error("reasoning_budget_tokens", "found 0 beside a reasoning_effort");
  return absl::OkStatus();
}

const SharedHeaders& stream_headers() {
  static const SharedHeaders kHeaders =
      shared_headers({{"Content-Type", "application/json"}, {"Accept", "application/x-ndjson"}});
  return kHeaders;
}

}  // namespace

const Abilities& Ollama::abilities(const v1::Teacher&) const {
  return able();
}

absl::Status Ollama::check(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) const {
  if (absl::Status status = VendorDialect::check(teacher, prompt, sampling); !status.ok()) return status;
  if (!prompt.tool_choice_json().empty())
    return field_error("tool_choice", "ollama has no such field: its models choose by themselves");
  for (absl::Status status : {check_thinking(sampling), check_ollama_options(sampling), check_ollama_messages(prompt)})
    if (!status.ok()) return status;
  const std::array<SharedKey, 2> shared{
      {{"think", "reasoning_effort", !sampling.reasoning_effort().empty() || sampling.has_reasoning_budget_tokens()},
       {"format", "response_format", !sampling.response_format_json().empty()}}};
  return check_said_once(shared, sampling);
}

HttpRequest Ollama::encode(const v1::Teacher& teacher, const QueryView& query) const {
  HttpRequest request = json_request("/api/chat", ollama_body(teacher.model(), query), query.stream);
  if (query.stream) request.headers = stream_headers();
  return request;
}

Outcome Ollama::read_answer(const JsonBody& body, bool) const {
  return read_ollama_answer(body);
}

bool Ollama::is_stream(std::string_view body) const {
  body = body.substr(std::min(body.find_first_not_of(" \t\r\n"), body.size()));
  const size_t end = body.find('\n');
  if (end == std::string_view::npos || !body.starts_with('{')) return false;
  // An object spread over lines does not close in its first.
  return ascii::trimmed(body.substr(0, end)).ends_with('}');
}

Outcome Ollama::read_stream(std::string_view body, size_t slack) const {
  return read_ollama_stream(body, slack);
}

Outcome Ollama::read_failure(const HttpExchange& exchange, const JsonBody& body, bool waits) const {
  Outcome outcome = VendorDialect::read_failure(exchange, body, waits);
  if (exchange.status == 503) return make_failure(verdict::kThrottled, outcome.vendor_code, outcome.message);
  // It says of a model that is missing that it is; of a path that is, a page of plain text.
  if (exchange.status == 404 && !body.is_object())
    return make_failure(verdict::kAddress, outcome.vendor_code, outcome.message);
  return outcome;
}

}  // namespace harvest::dialect

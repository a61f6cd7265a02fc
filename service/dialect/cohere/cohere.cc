#include "service/dialect/cohere/cohere.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "service/dialect/ascii.h"
#include "service/dialect/cohere/cohere_answer.h"
#include "service/dialect/cohere/cohere_messages.h"
#include "service/dialect/cohere/cohere_request.h"
#include "service/dialect/cohere/cohere_stream.h"
#include "service/dialect/endpoint.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/field_error.h"
#include "service/dialect/limit_headers.h"

namespace harvest::dialect {
namespace {

constexpr std::array<std::string_view, 1> kEfforts{"none"};  // its degrees are budgets
constexpr std::array<std::string_view, 15> kOwnKeys{"model",
                                                    "messages",
                                                    "temperature",
                                                    "p",
                                                    "k",
                                                    "seed",
                                                    "stop_sequences",
                                                    "logprobs",
                                                    "tools",
                                                    "frequency_penalty",
                                                    "presence_penalty",
                                                    "max_tokens",
                                                    "stream",
                                                    "strict_tools",
                                                    "tool_choice"};
constexpr uint32_t kTopKMax = 500;

const Abilities& able() {
  static const Abilities kAbilities{.dialect = "cohere-v2",
                                    .top_k = true,
                                    .seed = true,
                                    .penalties = true,
                                    .stops_max = 5,
                                    .logprobs = true,
                                    .efforts = kEfforts,
                                    .reasoning_budget = true,
                                    .json_object = true,
                                    .json_schema = true,
                                    .images = true,
                                    .system_anywhere = true,
                                    .own_keys = kOwnKeys};
  return kAbilities;
}

absl::Status check_range(std::string_view field, bool present, double value, double least, double most) {
  if (!present || (value >= least && value <= most)) return absl::OkStatus();
  return field_error(field, absl::StrCat("found ", value, ", cohere-v2 expects ", least, " to ", most));
}

absl::Status check_sampling(const v1::Sampling& sampling) {
  for (absl::Status status :
       {check_range("top_p", sampling.has_top_p(), sampling.top_p(), 0.01, 0.99),
        check_range("top_k", sampling.has_top_k(), sampling.top_k(), 0, kTopKMax),
        check_range("frequency_penalty", sampling.has_frequency_penalty(), sampling.frequency_penalty(), 0, 1),
        check_range("presence_penalty", sampling.has_presence_penalty(), sampling.presence_penalty(), 0, 1)})
    if (!status.ok()) return status;
  if (sampling.has_seed() && sampling.seed() < 0)
    return field_error("seed", absl::StrCat("found ", sampling.seed(), ", cohere-v2 expects 0 or more"));
  if (!sampling.reasoning_effort().empty() && sampling.has_reasoning_budget_tokens())
    return field_error("reasoning_effort", "given beside reasoning_budget_tokens, which is said in the same field");
  return absl::OkStatus();
}

}  // namespace

const Abilities& CohereV2::abilities(const v1::Teacher&) const {
  return able();
}

absl::Status CohereV2::check(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) const {
  if (absl::Status status = VendorDialect::check(teacher, prompt, sampling); !status.ok()) return status;
  for (absl::Status status : {check_sampling(sampling), check_cohere_messages(prompt), check_cohere_tools(prompt)})
    if (!status.ok()) return status;
  const bool thinks = !sampling.reasoning_effort().empty() || sampling.has_reasoning_budget_tokens();
  const std::array<SharedKey, 2> shared{
      {{"thinking", "reasoning_budget_tokens", thinks},
       {"response_format", "response_format", !sampling.response_format_json().empty()}}};
  return check_said_once(shared, sampling);
}

HttpRequest CohereV2::encode(const v1::Teacher& teacher, const QueryView& query) const {
  const bool versioned = endpoint_of(teacher).ends_with("/v2");
  return json_request(versioned ? "/chat" : "/v2/chat", cohere_body(teacher.model(), query), query.stream);
}

Outcome CohereV2::read_answer(const JsonBody& body, bool waits) const {
  return read_cohere_answer(body, waits);
}

Outcome CohereV2::read_stream(std::string_view body, size_t slack) const {
  return read_cohere_stream(body, slack);
}

Outcome CohereV2::read_failure(const HttpExchange& exchange, const JsonBody& body, bool waits) const {
  Outcome outcome = VendorDialect::read_failure(exchange, body, waits);
  const auto as = [&](const Verdict& verdict) { return make_failure(verdict, outcome.vendor_code, outcome.message); };
  // Its own meaning: the prompt holds a token that may not be there.
  if (exchange.status == 498) return as(verdict::kRejected);
  if (exchange.status == 501) return as(verdict::kRejected);
  // A trial key's month is used up; its minutes come back by themselves.
  if (exchange.status == 429 && ascii::contains_ignoring_case(outcome.message, "/ month")) return as(verdict::kBilling);
  return outcome;
}

std::optional<std::chrono::nanoseconds> CohereV2::read_wait(const HttpExchange& exchange, int64_t utc_us) const {
  if (const auto wait = retry_after(exchange, utc_us)) return wait;
  if (exchange.status != 429 && exchange.status != 503) return std::nullopt;
  return parse_reset(exchange.header("x-ratelimit-reset"), utc_us);
}

}  // namespace harvest::dialect

#include "service/dialect/openai/mistral.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/openai/mistral_batches.h"

namespace harvest::dialect {
namespace {

constexpr std::array<std::string_view, 2> kEfforts{"high", "none"};

/// By type: its codes are numbers of which one means several things. An unknown model is a 400 here.
constexpr std::array<CodeRule, 3> kMistralRules{{{"invalid_model", verdict::kModel},
                                                 {"rate_limited", verdict::kThrottled},
                                                 {"service_tier_capacity_exceeded", verdict::kThrottled}}};

OpenAiProfile make_mistral_profile() {
  OpenAiProfile made{.name = "mistral",
                     .abilities = openai_family(),
                     .cap_field = "max_tokens",
                     .seed_field = "random_seed",
                     .stream_usage = false};
  made.abilities.dialect = "mistral";
  made.abilities.temperature_max = 1.5;
  made.abilities.stops_max = 16;
  made.abilities.logprobs = false;
  made.abilities.top_logprobs_max = 0;
  made.abilities.choices_max = 16;
  made.abilities.efforts = kEfforts;
  return made;
}

}  // namespace

const OpenAiProfile& Mistral::deviations(const v1::Teacher&) const {
  static const OpenAiProfile kProfile = make_mistral_profile();
  return kProfile;
}

absl::Status Mistral::check(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) const {
  if (absl::Status status = OpenAiChat::check(teacher, prompt, sampling); !status.ok()) return status;
  // Its server takes no message with a field that it does not know.
  for (int i = 0; i < prompt.messages_size(); ++i) {
    const v1::Message& message = prompt.messages(i);
    const std::string place = absl::StrCat("messages[", i, "]");
    if (message.role() == "developer")
      return absl::InvalidArgumentError(place + ".role: mistral has no developer, it calls it system");
    if (!message.name().empty() && message.role() != "tool")
      return absl::InvalidArgumentError(place + ".name: mistral has no such field");
    if (!message.reasoning_content().empty())
      return absl::InvalidArgumentError(place +
                                        ".reasoning_content: mistral takes it as content parts of type thinking");
  }
  return absl::OkStatus();
}

const BatchInterface* Mistral::batches(const v1::Teacher&) const {
  static const MistralBatches kBatches;
  return &kBatches;
}

Outcome Mistral::read_failure(const HttpExchange& exchange, const JsonBody& body, bool waits) const {
  if (body.is_object()) {
    const VendorError error = read_vendor_error(body.object());
    if (const CodeRule* rule = find_rule(kMistralRules, error.type))
      return make_failure(rule->verdict, error.name(exchange.status), error.message);
  }
  return OpenAiChat::read_failure(exchange, body, waits);
}

}  // namespace harvest::dialect

#include "service/dialect/gemini/gemini.h"

#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "service/dialect/ascii.h"
#include "service/dialect/asked.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/field_error.h"
#include "service/dialect/gemini/gemini_address.h"
#include "service/dialect/gemini/gemini_answer.h"
#include "service/dialect/gemini/gemini_batches.h"
#include "service/dialect/gemini/gemini_contents.h"
#include "service/dialect/gemini/gemini_errors.h"
#include "service/dialect/gemini/gemini_request.h"
#include "service/dialect/gemini/gemini_stream.h"
#include "service/dialect/gemini/gemini_wait.h"

namespace harvest::dialect {
namespace {

// Its servers take every name in either spelling. A cache of contents decides what an answer costs.
constexpr std::array<std::string_view, 14> kOwnKeys{"model",
                                                    "contents",
                                                    "systemInstruction",
                                                    "system_instruction",
                                                    "tools",
                                                    "toolConfig",
                                                    "tool_config",
                                                    "generationConfig",
                                                    "generation_config",
                                                    "serviceTier",
                                                    "service_tier",
                                                    "cachedContent",
                                                    "cached_content",
                                                    "store"};
constexpr std::array<std::string_view, 4> kEfforts{"minimal", "low", "medium", "high"};
constexpr std::array<std::string_view, 3> kTiers{"standard", "flex", "priority"};

constexpr Abilities kDeveloper{.dialect = "gemini",
                               .top_k = true,
                               .seed = true,
                               .penalties = true,
                               .stops_max = 5,
                               .logprobs = true,
                               .top_logprobs_max = 20,
                               .choices_max = 8,
                               .efforts = kEfforts,
                               .reasoning_budget = true,
                               .service_tiers = kTiers,
                               .json_object = true,
                               .json_schema = true,
                               .images = true,
                               .own_keys = kOwnKeys};

constexpr Abilities kVertex = [] {
  Abilities abilities = kDeveloper;
  abilities.service_tiers = {};  // there a header says it
  return abilities;
}();

bool is_vertex_host(std::string_view url) {
  if (const size_t scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  const std::string_view host = url.substr(0, url.find_first_of(":/?#"));
  return host.ends_with(".googleapis.com") && host.find("aiplatform.") != std::string_view::npos;
}

/// The model's number: 2 of gemini-2.5-pro. None for other models, the highest for names that move on
/// (gemini-flash-latest).
std::optional<int> generation(std::string_view model) {
  if (const size_t slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  if (!ascii::consume(model, "gemini-")) return std::nullopt;
  int number = 0;
  if (std::from_chars(model.data(), model.data() + model.size(), number).ec != std::errc())
    return std::numeric_limits<int>::max();
  return number;
}

absl::Status check_calls(const v1::Teacher& teacher, const v1::Message& message, const std::string& place) {
  const auto calls = read_tool_calls(message.tool_calls_json());
  if (!calls.ok() || calls->empty()) return absl::OkStatus();
  if (message.role() != "assistant") return field_error(place + ".tool_calls", "expected of an assistant only");
  if (generation(teacher.model()).value_or(0) >= 3)
    return field_error(place + ".tool_calls",
                       teacher.model() + " takes its calls back only with their thought signatures, which are unknown");
  return absl::OkStatus();
}

absl::Status check_message(const v1::Teacher& teacher, const v1::Prompt& prompt, int number) {
  const v1::Message& message = prompt.messages(number);
  const std::string place = "messages[" + std::to_string(number) + "]";
  const bool result = message.role() == "tool";
  if (!message.name().empty() && !result) return field_error(place + ".name", "gemini has no such field");
  if (!message.reasoning_content().empty())
    return field_error(place + ".reasoning_content", "gemini takes no reasoning text back");
  if (absl::Status status = check_calls(teacher, message, place); !status.ok()) return status;
  if (result && result_name(prompt, number).empty())
    return field_error(place + ".tool_call_id", "expected the id of an earlier call, or a name");
  const auto parts = read_parts(message);
  if (!parts.ok()) return parts.status();
  const bool calls = !message.tool_calls_json().empty() && read_tool_calls(message.tool_calls_json())->size() > 0;
  if (parts->empty() && !calls && !result && !is_system(message))
    return field_error(place + ".content", "expected text, gemini takes no empty message");
  for (const Part& part : *parts) {
    if (part.kind == Part::Kind::kText) continue;
    if (message.role() != "user") return field_error(place + ".content", "expected images of a user only");
    if (part.base64.empty())
      return field_error(place + ".content", "expected an image as a data URL, found an address");
    if (!part.detail.empty() && part.detail != "auto")
      return field_error(place + ".content", "found detail " + part.detail + ", gemini has no such field");
  }
  return absl::OkStatus();
}

absl::Status check_sampling(const v1::Teacher& teacher, const v1::Sampling& sampling) {
  using Seed = std::numeric_limits<int32_t>;
  if (sampling.has_seed() && (sampling.seed() < Seed::min() || sampling.seed() > Seed::max()))
    return field_error("seed", "found " + std::to_string(sampling.seed()) + ", gemini expects 32 bits");
  if (!sampling.reasoning_effort().empty() && sampling.has_reasoning_budget_tokens())
    return field_error("reasoning_budget_tokens", "given beside reasoning_effort, gemini takes one of them");
  if (!sampling.reasoning_effort().empty() && generation(teacher.model()).value_or(3) < 3)
    return field_error("reasoning_effort", teacher.model() + " has no levels, expected reasoning_budget_tokens");
  if (const auto format = read_response_format(sampling.response_format_json()); format.ok())
    if (!format->description.empty())
      return field_error("response_format.json_schema.description", "gemini has no such field, the schema may say it");
  return absl::OkStatus();
}

}  // namespace

std::string_view Gemini::profile(const v1::Teacher& teacher) const {
  if (!teacher.profile().empty()) return teacher.profile();
  const std::string& url = teacher.endpoints().empty() ? teacher.endpoint() : teacher.endpoints(0);
  return is_vertex_host(url) ? "vertex" : "developer";
}

const Abilities& Gemini::abilities(const v1::Teacher& teacher) const {
  return profile(teacher) == "vertex" ? kVertex : kDeveloper;
}

absl::Status Gemini::check(const v1::Teacher& teacher, const v1::Prompt& prompt, const v1::Sampling& sampling) const {
  if (absl::Status status = VendorDialect::check(teacher, prompt, sampling); !status.ok()) return status;
  bool asked = false;
  for (int i = 0; i < prompt.messages_size(); ++i) {
    asked |= !is_system(prompt.messages(i));
    if (absl::Status status = check_message(teacher, prompt, i); !status.ok()) return status;
  }
  if (!asked) return field_error("messages", "expected one that is no system message");
  return check_sampling(teacher, sampling);
}

HttpRequest Gemini::encode(const v1::Teacher& teacher, const QueryView& query) const {
  const std::string_view method = query.stream ? ":streamGenerateContent?alt=sse" : ":generateContent";
  return json_request(gemini_model_path(teacher.model(), method), gemini_body(query), query.stream);
}

const BatchInterface* Gemini::batches(const v1::Teacher& teacher) const {
  static const GeminiBatches kBatches;
  return profile(teacher) == "vertex" ? nullptr : &kBatches;
}

Credential Gemini::credential(const v1::Teacher& teacher, std::string_view key) const {
  if (profile(teacher) == "vertex") return VendorDialect::credential(teacher, key);
  return {.header = {"x-goog-api-key", std::string(key)}, .signer = nullptr};
}

Outcome Gemini::read_answer(const JsonBody& body, bool waits) const {
  return read_gemini_answer(body, waits);
}

Outcome Gemini::read_stream(std::string_view body, size_t slack) const {
  return read_gemini_stream(body, slack);
}

Outcome Gemini::read_failure(const HttpExchange& exchange, const JsonBody& body, bool waits) const {
  if (body.is_object()) return gemini_error_outcome(exchange.status, read_gemini_error(body.object()), waits);
  const JsonBody one(unwrapped(body.text()));
  if (one.is_object()) return gemini_error_outcome(exchange.status, read_gemini_error(one.object()), waits);
  return VendorDialect::read_failure(exchange, body, waits);
}

std::optional<std::chrono::nanoseconds> Gemini::read_wait(const HttpExchange& exchange, int64_t utc_us) const {
  return gemini_wait(exchange, utc_us);
}

}  // namespace harvest::dialect

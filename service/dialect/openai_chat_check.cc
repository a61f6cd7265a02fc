#include "service/dialect/openai_chat_check.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "service/dialect/json_text.h"

namespace harvest::dialect {
namespace {

using json_text::Kind;

/// Written by the request itself, or decisive for what an answer may cost.
constexpr std::array<std::string_view, 24> kOwnKeys{"model",
                                                    "messages",
                                                    "temperature",
                                                    "top_p",
                                                    "frequency_penalty",
                                                    "presence_penalty",
                                                    "seed",
                                                    "stop",
                                                    "logprobs",
                                                    "top_logprobs",
                                                    "reasoning_effort",
                                                    "service_tier",
                                                    "response_format",
                                                    "n",
                                                    "max_tokens",
                                                    "max_completion_tokens",
                                                    "tools",
                                                    "tool_choice",
                                                    "parallel_tool_calls",
                                                    "best_of",
                                                    "stream",
                                                    "stream_options",
                                                    "use_beam_search",
                                                    "functions"};

absl::Status bad(std::string_view field, std::string_view what) {
  return absl::InvalidArgumentError(std::string(field) + ": " + std::string(what));
}

absl::Status check_kind(std::string_view field, std::string_view json, Kind wanted, std::string_view wanted_name) {
  if (json.empty()) return absl::OkStatus();
  const Kind kind = json_text::kind_of(json);
  if (kind == Kind::kInvalid) return bad(field, "not valid JSON");
  if (wanted != Kind::kOther && kind != wanted) return bad(field, "expected " + std::string(wanted_name));
  return absl::OkStatus();
}

absl::Status check_text(std::string_view field, std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return absl::OkStatus();
  return bad(field, "not valid UTF-8");
}

absl::Status check_finite(std::string_view field, bool present, double value) {
  if (!present || std::isfinite(value)) return absl::OkStatus();
  return bad(field, "expected a finite number");
}

absl::Status check_message(int number, const v1::Message& message) {
  const auto field = [&](const std::string& name) { return "messages[" + std::to_string(number) + "]." + name; };
  if (message.role().empty())
    return bad(field("role"), "expected system, developer, user, assistant or tool, found none");
  if (!message.content().empty() && !message.parts_json().empty())
    return bad(field("content"), "given both as text and as parts");
  for (absl::Status status :
       {check_text(field("role"), message.role()), check_text(field("content"), message.content()),
        check_text(field("name"), message.name()), check_text(field("tool_call_id"), message.tool_call_id()),
        check_text(field("reasoning_content"), message.reasoning_content()),
        check_kind(field("content"), message.parts_json(), Kind::kArray, "an array of parts"),
        check_kind(field("tool_calls"), message.tool_calls_json(), Kind::kArray, "an array of tool calls")})
    if (!status.ok()) return status;
  return absl::OkStatus();
}

absl::Status check_extra_body(std::string_view json) {
  if (absl::Status status = check_kind("extra_body", json, Kind::kObject, "an object"); !status.ok() || json.empty())
    return status;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS)
    return bad("extra_body", "expected an object");
  for (const auto field : object)
    if (std::find(kOwnKeys.begin(), kOwnKeys.end(), field.key) != kOwnKeys.end())
      return bad("extra_body." + std::string(field.key), "set by the request itself; use the job's own field for it");
  return absl::OkStatus();
}

absl::Status check_sampling(const v1::Sampling& sampling) {
  if (sampling.has_top_k())
    return bad("top_k", "openai-chat has no such field; a server that takes it as an extension gets it by extra_body");
  for (const std::string& stop : sampling.stop())
    if (absl::Status status = check_text("stop", stop); !status.ok()) return status;
  for (absl::Status status :
       {check_finite("temperature", sampling.has_temperature(), sampling.temperature()),
        check_finite("top_p", sampling.has_top_p(), sampling.top_p()),
        check_finite("frequency_penalty", sampling.has_frequency_penalty(), sampling.frequency_penalty()),
        check_finite("presence_penalty", sampling.has_presence_penalty(), sampling.presence_penalty()),
        check_text("reasoning_effort", sampling.reasoning_effort()),
        check_text("service_tier", sampling.service_tier()),
        check_kind("response_format", sampling.response_format_json(), Kind::kObject, "an object"),
        check_extra_body(sampling.extra_body_json())})
    if (!status.ok()) return status;
  return absl::OkStatus();
}

}  // namespace

absl::Status check_chat(const v1::Prompt& prompt, const v1::Sampling& sampling) {
  if (prompt.messages().empty()) return bad("messages", "expected at least one");
  for (int i = 0; i < prompt.messages_size(); ++i)
    if (absl::Status status = check_message(i, prompt.messages(i)); !status.ok()) return status;
  for (absl::Status status : {check_kind("tools", prompt.tools_json(), Kind::kArray, "an array of tools"),
                              check_kind("tool_choice", prompt.tool_choice_json(), Kind::kOther, "")})
    if (!status.ok()) return status;
  return check_sampling(sampling);
}

}  // namespace harvest::dialect

#include "service/dialect/abilities.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "service/dialect/asked.h"
#include "service/dialect/asked_check.h"
#include "service/dialect/field_error.h"
#include "service/dialect/json_text.h"

namespace harvest::dialect {
namespace {

using json_text::Kind;

absl::Status check_kind(std::string_view field, std::string_view json, Kind wanted, std::string_view wanted_name) {
  if (json.empty()) return absl::OkStatus();
  const Kind kind = json_text::kind_of(json);
  if (kind == Kind::kInvalid) return field_error(field, "not valid JSON");
  if (wanted != Kind::kOther && kind != wanted) return field_error(field, "expected " + std::string(wanted_name));
  return absl::OkStatus();
}

absl::Status check_text(std::string_view field, std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return absl::OkStatus();
  return field_error(field, "not valid UTF-8");
}

absl::Status check_finite(std::string_view field, bool present, double value) {
  if (!present || std::isfinite(value)) return absl::OkStatus();
  return field_error(field, "expected a finite number");
}

absl::Status check_message_form(int number, const v1::Message& message) {
  const auto field = [&](const std::string& name) { return "messages[" + std::to_string(number) + "]." + name; };
  if (message.role().empty())
    return field_error(field("role"), "expected system, developer, user, assistant or tool, found none");
  if (!message.content().empty() && !message.parts_json().empty())
    return field_error(field("content"), "given both as text and as parts");
  for (absl::Status status :
       {check_text(field("role"), message.role()), check_text(field("content"), message.content()),
        check_text(field("name"), message.name()), check_text(field("tool_call_id"), message.tool_call_id()),
        check_text(field("reasoning_content"), message.reasoning_content()),
        check_kind(field("content"), message.parts_json(), Kind::kArray, "an array of parts"),
        check_kind(field("tool_calls"), message.tool_calls_json(), Kind::kArray, "an array of tool calls")})
    if (!status.ok()) return status;
  return absl::OkStatus();
}

absl::Status check_extra_body(const Abilities& abilities, std::string_view json) {
  if (absl::Status status = check_kind("extra_body", json, Kind::kObject, "an object"); !status.ok() || json.empty())
    return status;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS)
    return field_error("extra_body", "expected an object");
  for (const auto field : object)
    if (std::find(abilities.own_keys.begin(), abilities.own_keys.end(), field.key) != abilities.own_keys.end() ||
        (abilities.top_k && field.key == "top_k"))
      return field_error("extra_body." + std::string(field.key),
                         "set by the request itself; use the job's own field for it");
  return absl::OkStatus();
}

/// `present` and not `able`: refused.
absl::Status check_able(const Abilities& abilities, std::string_view field, bool present, bool able) {
  if (!present || able) return absl::OkStatus();
  return field_error(field,
                     absl::StrCat(std::string(abilities.dialect), " has no such field; what a server takes as an ",
                                  "extension goes to it by extra_body"));
}

absl::Status check_word(const Abilities& abilities, std::string_view field, std::string_view word,
                        std::span<const std::string_view> known) {
  if (absl::Status status = check_able(abilities, field, !word.empty(), !known.empty()); !status.ok()) return status;
  const auto is = [&](std::string_view candidate) { return candidate == word || candidate == kAnyValue; };
  if (word.empty() || std::any_of(known.begin(), known.end(), is)) return check_text(field, word);
  std::string expected;
  for (const std::string_view one : known) expected.append(expected.empty() ? "" : ", ").append(one);
  return field_error(field, absl::StrCat("found ", std::string(word), ", ", std::string(abilities.dialect),
                                         " expects one of ", expected));
}

/// What is not given is 0, which is in every range.
absl::Status check_range(const Abilities& abilities, std::string_view field, double value, double least, double most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return field_error(
      field, absl::StrCat("found ", value, ", ", std::string(abilities.dialect), " expects ", least, " to ", most));
}

absl::Status check_numbers(const Abilities& abilities, const v1::Sampling& sampling) {
  for (absl::Status status :
       {check_finite("temperature", sampling.has_temperature(), sampling.temperature()),
        check_finite("top_p", sampling.has_top_p(), sampling.top_p()),
        check_finite("frequency_penalty", sampling.has_frequency_penalty(), sampling.frequency_penalty()),
        check_finite("presence_penalty", sampling.has_presence_penalty(), sampling.presence_penalty()),
        check_able(abilities, "top_p", sampling.has_top_p(), abilities.top_p),
        check_able(abilities, "top_k", sampling.has_top_k(), abilities.top_k),
        check_able(abilities, "seed", sampling.has_seed(), abilities.seed),
        check_able(abilities, "frequency_penalty", sampling.has_frequency_penalty(), abilities.penalties),
        check_able(abilities, "presence_penalty", sampling.has_presence_penalty(), abilities.penalties),
        check_able(abilities, "logprobs", sampling.has_top_logprobs(), abilities.logprobs),
        check_able(abilities, "reasoning_budget_tokens", sampling.has_reasoning_budget_tokens(),
                   abilities.reasoning_budget)})
    if (!status.ok()) return status;
  const double penalty = abilities.penalty_max;
  for (absl::Status status :
       {check_range(abilities, "temperature", sampling.temperature(), 0, abilities.temperature_max),
        check_range(abilities, "top_p", sampling.top_p(), 0, 1),
        check_range(abilities, "frequency_penalty", sampling.frequency_penalty(), -penalty, penalty),
        check_range(abilities, "presence_penalty", sampling.presence_penalty(), -penalty, penalty)})
    if (!status.ok()) return status;
  if (sampling.top_logprobs() > abilities.top_logprobs_max)
    return field_error("top_logprobs",
                       absl::StrCat("found ", sampling.top_logprobs(), ", ", std::string(abilities.dialect),
                                    " gives at most ", abilities.top_logprobs_max));
  return absl::OkStatus();
}

absl::Status check_sampling(const Abilities& abilities, const v1::Sampling& sampling) {
  if (absl::Status status = check_numbers(abilities, sampling); !status.ok()) return status;
  if (static_cast<uint32_t>(sampling.stop_size()) > abilities.stops_max)
    return field_error("stop", absl::StrCat("found ", sampling.stop_size(), ", ", std::string(abilities.dialect),
                                            " takes at most ", abilities.stops_max));
  for (const std::string& stop : sampling.stop())
    if (absl::Status status = check_text("stop", stop); !status.ok()) return status;
  for (absl::Status status :
       {check_word(abilities, "reasoning_effort", sampling.reasoning_effort(), abilities.efforts),
        check_word(abilities, "service_tier", sampling.service_tier(), abilities.service_tiers),
        check_kind("response_format", sampling.response_format_json(), Kind::kObject, "an object"),
        check_extra_body(abilities, sampling.extra_body_json())})
    if (!status.ok()) return status;
  const auto format = read_response_format(sampling.response_format_json());
  if (!format.ok()) return format.status();
  const bool able = format->kind == ResponseFormat::Kind::kText ||
                    (format->kind == ResponseFormat::Kind::kJsonObject && abilities.json_object) ||
                    (format->kind == ResponseFormat::Kind::kJsonSchema && abilities.json_schema) ||
                    abilities.other_formats;
  if (!able)
    return field_error("response_format", absl::StrCat(std::string(abilities.dialect), " has no type ", format->type));
  return check_schema_asked(*format);
}

absl::Status check_tools(const Abilities& abilities, const v1::Prompt& prompt, const v1::Sampling& sampling) {
  for (absl::Status status :
       {check_able(abilities, "tools", !prompt.tools_json().empty(), abilities.tools),
        check_able(abilities, "tool_choice", !prompt.tool_choice_json().empty(), abilities.tools),
        check_able(abilities, "parallel_tool_calls", sampling.has_parallel_tool_calls(), abilities.parallel_tool_calls),
        check_kind("tools", prompt.tools_json(), Kind::kArray, "an array of tools"),
        check_kind("tool_choice", prompt.tool_choice_json(), Kind::kOther, "")})
    if (!status.ok()) return status;
  // Whoever takes parts as they are takes tools so too.
  if (absl::Status status = check_tools_asked(prompt.tools_json(), abilities.parts_verbatim); !status.ok())
    return status;
  if (abilities.parts_verbatim) return absl::OkStatus();
  if (const auto tools = read_tools(prompt.tools_json()); !tools.ok()) return tools.status();
  return read_tool_choice(prompt.tool_choice_json()).status();
}

/// For dialects that say content in their own way: what it consists of must be understood.
absl::Status check_content(const Abilities& abilities, const v1::Prompt& prompt) {
  bool body_begun = false;
  for (int i = 0; i < prompt.messages_size(); ++i) {
    const v1::Message& message = prompt.messages(i);
    const auto place = [&](std::string_view field) { return absl::StrCat("messages[", i, "]", std::string(field)); };
    const bool system = is_system(message);
    if (system && body_begun && !abilities.system_anywhere)
      return field_error(place(".role"),
                         absl::StrCat(std::string(abilities.dialect), " takes system messages first only"));
    body_begun |= !system;
    if (abilities.parts_verbatim) continue;
    if (!system && message.role() != "user" && message.role() != "assistant" && message.role() != "tool")
      return field_error(place(".role"),
                         "expected system, developer, user, assistant or tool, found " + message.role());
    const auto parts = read_parts(message);
    if (!parts.ok()) return field_error(place(".content"), std::string(parts.status().message()));
    for (const Part& part : *parts)
      if (part.kind == Part::Kind::kImage && (!abilities.images || system))
        return field_error(place(".content"), absl::StrCat(std::string(abilities.dialect), " takes no image here"));
    if (const auto calls = read_tool_calls(message.tool_calls_json()); !calls.ok())
      return field_error(place(".tool_calls"), std::string(calls.status().message()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status check_said_once(std::span<const SharedKey> keys, const v1::Sampling& sampling) {
  simdjson::dom::parser parser;
  simdjson::dom::object extra;
  const std::string& json = sampling.extra_body_json();
  if (json.empty() || parser.parse(json).get(extra) != simdjson::SUCCESS) return absl::OkStatus();
  for (const auto field : extra)
    for (const SharedKey& key : keys)
      if (key.stated && field.key == key.key)
        return field_error("extra_body." + std::string(key.key),
                           absl::StrCat("given beside ", std::string(key.field), ", which is said in the same field"));
  return absl::OkStatus();
}

absl::Status check_query(const Abilities& abilities, const v1::Prompt& prompt, const v1::Sampling& sampling) {
  if (prompt.messages().empty()) return field_error("messages", "expected at least one");
  for (int i = 0; i < prompt.messages_size(); ++i)
    if (absl::Status status = check_message_form(i, prompt.messages(i)); !status.ok()) return status;
  if (absl::Status status = check_tools(abilities, prompt, sampling); !status.ok()) return status;
  if (absl::Status status = check_content(abilities, prompt); !status.ok()) return status;
  return check_sampling(abilities, sampling);
}

}  // namespace harvest::dialect

#include "tests/dialect/golden_case.h"
#include "service/dialect/registry/registry.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "absl/strings/escaping.h"
#include "tests/dialect/event_stream_bytes.h"
#include "tests/scale.h"

namespace harvest::testing {

namespace json = boost::json;
using dialect::HttpExchange;
using dialect::LimitWindow;
using dialect::Outcome;
using dialect::Retry;
using dialect::WireError;

namespace {

std::string text_of(const json::value& value) {
  return json::value_to<std::string>(value);
}

void parse_proto(const json::object& content, std::string_view key, google::protobuf::Message& message) {
  const json::value* value = content.if_contains(key);
  if (value == nullptr) return;
  const auto status = google::protobuf::util::JsonStringToMessage(json::serialize(*value), &message);
  INFO(status.ToString());
  REQUIRE(status.ok());
}

std::string_view name_of(Retry retry) {
  switch (retry) {
    case Retry::kSafe:
      return "safe";
    case Retry::kAmbiguous:
      return "ambiguous";
    case Retry::kPermanent:
      return "permanent";
  }
  return "";
}

std::string_view cause_of(dialect::HaltCause cause) {
  switch (cause) {
    case dialect::HaltCause::kNone:
      return "none";
    case dialect::HaltCause::kAccess:
      return "access";
    case dialect::HaltCause::kBilling:
      return "billing";
    case dialect::HaltCause::kModel:
      return "model";
    case dialect::HaltCause::kAddress:
      return "address";
  }
  return "";
}

std::string_view name_of(dialect::MetLimit limit) {
  switch (limit) {
    case dialect::MetLimit::kUnknown:
      return "unknown";
    case dialect::MetLimit::kRequests:
      return "requests";
    case dialect::MetLimit::kRequestsPerDay:
      return "requests_per_day";
    case dialect::MetLimit::kInputTokens:
      return "input_tokens";
    case dialect::MetLimit::kOutputTokens:
      return "output_tokens";
    case dialect::MetLimit::kConcurrency:
      return "concurrency";
  }
  return "";
}

/// A message of AWS's event stream.
std::string binary(const json::object& message) {
  const json::value& data = message.at("data");
  const std::string payload = data.is_string() ? text_of(data) : json::serialize(data);
  if (const json::value* name = message.if_contains("exception")) return exception(text_of(*name), payload);
  if (const json::value* code = message.if_contains("error")) return error(text_of(*code), payload);
  return event(text_of(message.at("event")), payload);
}

json::value number(const auto& optional) {
  return optional ? json::value(*optional) : json::value(nullptr);
}

json::value milliseconds(const std::optional<std::chrono::nanoseconds>& time) {
  if (!time) return nullptr;
  return static_cast<int64_t>(time->count() / 1'000'000);
}

json::value described(const LimitWindow& window) {
  json::array array;
  array.emplace_back(number(window.limit));
  array.emplace_back(number(window.remaining));
  array.emplace_back(milliseconds(window.reset_in));
  return array;
}

json::value described(const v1::Usage& usage) {
  if (!usage.reported()) return json::value("estimated output " + std::to_string(usage.output_tokens()));
  json::array array;
  for (const uint64_t tokens :
       {usage.input_tokens(), usage.cached_input_tokens(), usage.output_tokens(), usage.reasoning_tokens()})
    array.emplace_back(static_cast<int64_t>(tokens));
  // What was written to the vendor's cache stands behind, where there is any.
  for (const uint64_t tokens : {usage.cache_write_tokens(), usage.cache_write_long_tokens()})
    if (tokens > 0) array.emplace_back(static_cast<int64_t>(tokens));
  return array;
}

/// "token=logprob[#id]", with alternatives in brackets behind it.
json::value described(const v1::SoftLabels& labels) {
  const auto one = [](const std::string& token, float logprob, const auto& ids, int at) {
    std::ostringstream text;
    text << token << '=' << logprob;
    if (at < ids.size()) text << '#' << ids[at];
    return text.str();
  };
  std::string all;
  int next = 0;
  for (int i = 0; i < labels.tokens_size(); ++i) {
    all += (i > 0 ? " " : "") + one(labels.tokens(i), labels.logprobs(i), labels.token_ids(), i);
    for (uint32_t k = 0; k < labels.alternatives(i); ++k, ++next)
      all += (k > 0 ? "," : "[") +
             one(labels.alternative_tokens(next), labels.alternative_logprobs(next), labels.alternative_ids(), next);
    if (labels.alternatives(i) > 0) all += "]";
  }
  return json::value(all);
}

json::value described(const dialect::Choice& choice) {
  json::object object{{"content", choice.message.content()}, {"finish", choice.finish_reason}};
  if (!choice.message.reasoning_content().empty()) object["reasoning"] = choice.message.reasoning_content();
  if (!choice.message.tool_calls_json().empty()) object["tool_calls"] = choice.message.tool_calls_json();
  if (!choice.logprobs_json.empty()) object["logprobs"] = choice.logprobs_json;
  if (choice.refused) object["refused"] = true;
  if (choice.truncated) object["truncated"] = true;
  if (choice.soft_labels.tokens_size() > 0) object["labels"] = described(choice.soft_labels);
  return object;
}

json::array described(const std::vector<dialect::Choice>& choices) {
  json::array all;
  for (const dialect::Choice& choice : choices) all.push_back(described(choice));
  return all;
}

const std::map<std::string, WireError> kWireErrors{{"not_connected", WireError::kNotConnected},
                                                   {"resend_blocked", WireError::kResendBlocked},
                                                   {"timeout", WireError::kTimeout},
                                                   {"reset", WireError::kReset},
                                                   {"too_large", WireError::kTooLarge},
                                                   {"cancelled", WireError::kCancelled},
                                                   {"bad_request", WireError::kBadRequest}};

}  // namespace

size_t scaled(size_t times) {
  return std::max<size_t>(10, static_cast<size_t>(static_cast<double>(times) * scale()));
}

std::vector<GoldenCase> golden_cases() {
  std::vector<GoldenCase> cases;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(GOLDEN_DIR)) {
    if (entry.path().extension() != ".json") continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    INFO(entry.path());
    for (GoldenCase& golden : golden_cases_in(entry.path().parent_path().filename(), text.str())) {
      golden.file = entry.path().filename();
      cases.push_back(std::move(golden));
    }
  }
  return cases;
}

std::vector<GoldenCase> golden_cases_in(const std::string& dialect, const std::string& text) {
  std::vector<GoldenCase> cases;
  const json::value parsed = json::parse(text);
  for (const json::value& value : parsed.as_array())
    cases.push_back({dialect, "", text_of(value.at("case")), value.as_object()});
  return cases;
}

bool is_request(const GoldenCase& golden) {
  return golden.content.contains("request");
}

v1::Teacher teacher_of(const GoldenCase& golden) {
  v1::Teacher teacher;
  parse_proto(golden.content, "teacher", teacher);
  return teacher;
}

json::object encoded(const GoldenCase& golden) {
  const v1::Teacher teacher = teacher_of(golden);
  v1::Prompt prompt;
  v1::Sampling sampling;
  parse_proto(golden.content, "prompt", prompt);
  parse_proto(golden.content, "sampling", sampling);
  const json::value* choices = golden.content.if_contains("choices");
  const dialect::Dialect* dialect = dialect::find_dialect(golden.dialect);
  REQUIRE(dialect != nullptr);
  const auto status = dialect->check(teacher, prompt, sampling);
  INFO(status.ToString());
  REQUIRE(status.ok());
  const json::value* stream = golden.content.if_contains("stream");
  const dialect::HttpRequest request =
      dialect->encode(teacher, {.prompt = prompt,
                                .sampling = sampling,
                                .choices = choices != nullptr ? json::value_to<uint32_t>(*choices) : 1,
                                .stream = stream != nullptr && stream->as_bool()});
  CHECK(request.streamed == (stream != nullptr && stream->as_bool()));
  json::object headers;
  for (const auto& [name, value] : *request.headers) headers[name] = value;
  return {{"path", request.path}, {"headers", headers}, {"body", request.body}};
}

HttpExchange exchange_of(const GoldenCase& golden) {
  HttpExchange exchange;
  if (const json::value* wire = golden.content.if_contains("wire")) {
    exchange.error = kWireErrors.at(text_of(*wire));
    exchange.error_text = "as the case says";
    exchange.sent = golden.content.at("sent").as_bool();
    return exchange;
  }
  exchange.sent = true;
  exchange.status = json::value_to<int>(golden.content.at("status"));
  if (const json::value* headers = golden.content.if_contains("headers"))
    for (const auto& field : headers->as_object()) exchange.headers.emplace_back(field.key(), text_of(field.value()));
  if (const json::value* messages = golden.content.if_contains("event_stream")) {
    for (const json::value& message : messages->as_array()) exchange.body += binary(message.as_object());
    return exchange;
  }
  if (const json::value* bytes = golden.content.if_contains("body_base64")) {
    REQUIRE(absl::Base64Unescape(text_of(*bytes), &exchange.body));
    return exchange;
  }
  const json::value& body = golden.content.at("body");
  // A list of texts is a stream, piece by piece.
  if (const json::array* pieces = body.if_array(); pieces != nullptr && !pieces->empty() && pieces->front().is_string())
    for (const json::value& piece : *pieces) exchange.body += text_of(piece);
  else
    exchange.body = body.is_string() ? text_of(body) : json::serialize(body);
  return exchange;
}

json::object described(const Outcome& outcome, const json::object& like) {
  const json::object all{{"kind", v1::Outcome_Name(outcome.kind)},
                         {"retry", name_of(outcome.retry)},
                         {"billed", outcome.may_be_billed()},
                         {"overloaded", outcome.overloaded},
                         {"slow_down", outcome.slow_down},
                         {"met_limit", name_of(outcome.met_limit)},
                         {"served_by", outcome.served_by},
                         {"cost", number(outcome.cost_reported_picodollars)},
                         {"code", outcome.vendor_code},
                         {"cause", cause_of(outcome.halt_cause)},
                         {"rights_alert", outcome.rights_alert},
                         {"message", outcome.message},
                         {"retry_after_ms", milliseconds(outcome.retry_after)},
                         {"model", outcome.model_reported},
                         {"fingerprint", outcome.system_fingerprint},
                         {"request_id", outcome.request_id},
                         {"usage", described(outcome.usage)},
                         {"requests", described(outcome.requests)},
                         {"input_tokens", described(outcome.input_tokens)},
                         {"output_tokens", described(outcome.output_tokens)},
                         {"choices", described(outcome.choices)}};
  json::object chosen;
  for (const auto& field : like) {
    INFO("golden field " << field.key());
    REQUIRE(all.contains(field.key()));
    chosen[field.key()] = all.at(field.key());
  }
  return chosen;
}

}  // namespace harvest::testing

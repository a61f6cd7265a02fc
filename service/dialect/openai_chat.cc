#include "service/dialect/openai_chat.h"

#include <array>

#include "service/dialect/error_outcome.h"
#include "service/dialect/json_body.h"
#include "service/dialect/limit_headers.h"
#include "service/dialect/openai_chat_answer.h"
#include "service/dialect/openai_chat_check.h"
#include "service/dialect/openai_chat_request.h"
#include "service/dialect/vendor_error.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

constexpr size_t kRequestIdBytesMax = 200;

/// The body alone, as both a new and a stored answer are read.
Outcome read_success(const JsonBody& body, bool waits) {
  if (body.is_object() && truthy_at(body.object(), "error"))
    return embedded_outcome(read_vendor_error(body.object()), waits);
  return read_chat_answer(body);
}

Outcome read_failure(int status, const JsonBody& body, bool waits) {
  const VendorError error = body.is_object() ? read_vendor_error(body.object()) : read_vendor_error(body.text());
  Outcome outcome = status_outcome(status, error, waits);
  if (outcome.message.empty()) outcome.message = "HTTP status " + std::to_string(status);
  return outcome;
}

void read_request_id(const HttpExchange& exchange, Outcome& outcome) {
  constexpr std::array<std::string_view, 4> kNames{"x-request-id", "request-id", "apim-request-id", "x-generation-id"};
  for (const std::string_view name : kNames) {
    const std::string_view value = exchange.header(name);
    if (value.empty()) continue;
    outcome.request_id = vendor_words(value, kRequestIdBytesMax);
    return;
  }
}

}  // namespace

absl::Status OpenAiChat::check(const v1::Prompt& prompt, const v1::Sampling& sampling) const {
  return check_chat(prompt, sampling);
}

HttpRequest OpenAiChat::encode(const v1::Teacher& teacher, const QueryView& query) const {
  HttpRequest request;
  request.path = "/chat/completions";
  static const SharedHeaders kHeaders =
      shared_headers({{"Content-Type", "application/json"}, {"Accept", "application/json"}});
  request.headers = kHeaders;
  request.body = chat_body(teacher, query);
  return request;
}

Outcome OpenAiChat::decode(const HttpExchange& exchange, int64_t utc_us) const {
  if (exchange.error != WireError::kNone) return wire_outcome(exchange);
  const auto wait = retry_after(exchange, utc_us);
  const JsonBody body(exchange.body);
  const bool success = exchange.status >= 200 && exchange.status < 300;
  Outcome outcome =
      success ? read_success(body, wait.has_value()) : read_failure(exchange.status, body, wait.has_value());
  read_request_id(exchange, outcome);
  read_limits(exchange.headers, utc_us, outcome);
  if (outcome.kind != v1::ANSWERED) {
    outcome.retry_after = wait;
    obey_should_retry(exchange.header("x-should-retry"), outcome);
  }
  return outcome;
}

absl::StatusOr<Outcome> OpenAiChat::decode_stored(std::string_view raw) const {
  const JsonBody body(raw);
  Outcome outcome = read_success(body, false);
  // A refused prompt is stored as the error body it came as.
  if (outcome.kind == v1::HALTED || outcome.kind == v1::REJECTED || outcome.kind == v1::THROTTLED ||
      outcome.kind == v1::FAULTED)
    return absl::DataLossError("a stored answer reads as " + v1::Outcome_Name(outcome.kind) + ": " +
                               outcome.vendor_code + ": " + outcome.message);
  return outcome;
}

std::pair<std::string, std::string> OpenAiChat::authorization(std::string_view key) const {
  return {"Authorization", "Bearer " + std::string(key)};
}

}  // namespace harvest::dialect

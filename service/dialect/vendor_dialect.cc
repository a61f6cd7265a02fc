#include "service/dialect/vendor_dialect.h"

#include <algorithm>
#include <array>
#include <utility>

#include "service/dialect/ascii.h"
#include "service/dialect/error_outcome.h"
#include "service/dialect/limit_words.h"
#include "service/dialect/vendor_words.h"

namespace harvest::dialect {
namespace {

constexpr size_t kRequestIdBytesMax = 200;

}  // namespace

absl::Status VendorDialect::check(const v1::Teacher& teacher, const v1::Prompt& prompt,
                                  const v1::Sampling& sampling) const {
  return check_query(abilities(teacher), prompt, sampling);
}

Outcome VendorDialect::read_body(std::string_view body, size_t slack, bool waits) const {
  if (is_stream(body)) return read_stream(body, slack);
  return read_answer(JsonBody(body, slack), waits);
}

Outcome VendorDialect::decode(const v1::Teacher& teacher, const HttpExchange& exchange, int64_t utc_us) const {
  const size_t slack = JsonBody::slack_of(exchange.body);
  const bool success = exchange.status >= 200 && exchange.status < 300;
  if (exchange.error != WireError::kNone) {
    Outcome outcome = wire_outcome(exchange);
    if (!success || !is_stream(exchange.body)) return outcome;
    // The connection may break behind a stream's end: then the answer is there, and paid for.
    Outcome streamed = read_stream(exchange.body, slack);
    if (!streamed.has_answer()) {
      outcome.message = vendor_words(outcome.message + "; " + streamed.message);
      return outcome;
    }
    return streamed;
  }
  const auto wait = read_wait(exchange, utc_us);
  Outcome outcome = success ? read_body(exchange.body, slack, wait.has_value())
                            : read_failure(exchange, JsonBody(exchange.body, slack), wait.has_value());
  if (!success && outcome.message.empty()) outcome.message = "HTTP status " + std::to_string(exchange.status);
  if (const std::string_view id = request_id(exchange); !id.empty())
    outcome.request_id = vendor_words(id, kRequestIdBytesMax);
  if (outcome.kind == v1::THROTTLED && outcome.met_limit == MetLimit::kUnknown)
    outcome.met_limit = limit_in_words(outcome.message);
  read_limits(exchange.headers, utc_us, limit_units(teacher), outcome);
  if (outcome.kind != v1::ANSWERED) {
    if (wait) outcome.retry_after = wait;
    obey_should_retry(exchange.header("x-should-retry"), outcome);
  }
  return outcome;
}

absl::StatusOr<Outcome> VendorDialect::decode_stored(std::string_view raw) const {
  Outcome outcome = read_body(raw, 0, false);
  // A refused prompt is stored as the error body it came as.
  if (outcome.has_answer()) return outcome;
  return absl::DataLossError("a stored answer reads as " + v1::Outcome_Name(outcome.kind) + ": " + outcome.vendor_code +
                             ": " + outcome.message);
}

Credential VendorDialect::credential(const v1::Teacher&, std::string_view key) const {
  return {.header = {"Authorization", "Bearer " + std::string(key)}, .signer = nullptr};
}

bool VendorDialect::is_stream(std::string_view body) const {
  return looks_like_sse(body);
}

Outcome VendorDialect::read_failure(const HttpExchange& exchange, const JsonBody& body, bool waits) const {
  const VendorError error = body.is_object() ? read_vendor_error(body.object()) : read_vendor_error(body.text());
  return status_outcome(exchange.status, error, waits);
}

std::optional<std::chrono::nanoseconds> VendorDialect::read_wait(const HttpExchange& exchange, int64_t utc_us) const {
  return retry_after(exchange, utc_us);
}

std::string_view VendorDialect::request_id(const HttpExchange& exchange) const {
  constexpr std::array<std::string_view, 4> kNames{"x-request-id", "request-id", "apim-request-id", "x-generation-id"};
  for (const std::string_view name : kNames)
    if (const std::string_view value = exchange.header(name); !value.empty()) return value;
  return {};
}

const SharedHeaders& json_headers(bool stream) {
  static const SharedHeaders kWhole =
      shared_headers({{"Content-Type", "application/json"}, {"Accept", "application/json"}});
  static const SharedHeaders kStream =
      shared_headers({{"Content-Type", "application/json"}, {"Accept", "text/event-stream"}});
  return stream ? kStream : kWhole;
}

HttpRequest json_request(std::string path, std::string body, bool stream) {
  HttpRequest request;
  request.path = std::move(path);
  request.headers = json_headers(stream);
  request.body = std::move(body);
  request.streamed = stream;
  return request;
}

bool looks_like_sse(std::string_view body) {
  constexpr std::array<std::string_view, 5> kFields{"data:", "event:", ":", "id:", "retry:"};
  ascii::consume(body, "\xEF\xBB\xBF");
  body = body.substr(std::min(body.find_first_not_of("\r\n"), body.size()));
  for (const std::string_view field : kFields)
    if (body.starts_with(field)) return true;
  return false;
}

}  // namespace harvest::dialect

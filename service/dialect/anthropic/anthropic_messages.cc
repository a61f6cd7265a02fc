#include "service/dialect/anthropic/anthropic_messages.h"

#include <utility>

#include "service/dialect/anthropic/anthropic_abilities.h"
#include "service/dialect/anthropic/anthropic_address.h"
#include "service/dialect/anthropic/anthropic_answer.h"
#include "service/dialect/anthropic/anthropic_batches.h"
#include "service/dialect/anthropic/anthropic_errors.h"
#include "service/dialect/anthropic/anthropic_request.h"
#include "service/dialect/anthropic/anthropic_stream.h"

namespace harvest::dialect {
namespace {

SharedHeaders make_headers(const v1::Teacher& teacher, bool stream) {
  Headers headers = *json_headers(stream);
  for (auto& header : anthropic_version(teacher)) headers.push_back(std::move(header));
  return shared_headers(std::move(headers));
}

SharedHeaders headers_of(const v1::Teacher& teacher, bool stream) {
  if (!teacher.api_version().empty()) return make_headers(teacher, stream);
  static const SharedHeaders kWhole = make_headers({}, false), kStream = make_headers({}, true);
  return stream ? kStream : kWhole;
}

}  // namespace

const Abilities& AnthropicMessages::abilities(const v1::Teacher&) const {
  return anthropic_abilities();
}

absl::Status AnthropicMessages::check(const v1::Teacher& teacher, const v1::Prompt& prompt,
                                      const v1::Sampling& sampling) const {
  return check_anthropic(teacher, prompt, sampling);
}

HttpRequest AnthropicMessages::encode(const v1::Teacher& teacher, const QueryView& query) const {
  HttpRequest request =
      json_request(anthropic_path(teacher, "/messages"), anthropic_body(teacher, query), query.stream);
  request.headers = headers_of(teacher, query.stream);
  return request;
}

const BatchInterface* AnthropicMessages::batches(const v1::Teacher&) const {
  static const AnthropicBatches kBatches;
  return &kBatches;
}

Credential AnthropicMessages::credential(const v1::Teacher&, std::string_view key) const {
  return {.header = {"x-api-key", std::string(key)}, .signer = nullptr};
}

Outcome AnthropicMessages::read_answer(const JsonBody& body, bool waits) const {
  return read_anthropic_answer(body, waits);
}

Outcome AnthropicMessages::read_stream(std::string_view body, size_t slack) const {
  return read_anthropic_stream(body, slack);
}

Outcome AnthropicMessages::read_failure(const HttpExchange& exchange, const JsonBody& body, bool waits) const {
  return read_anthropic_failure(exchange.status, body, waits);
}

std::optional<std::chrono::nanoseconds> AnthropicMessages::read_wait(const HttpExchange& exchange,
                                                                     int64_t utc_us) const {
  if (const auto wait = VendorDialect::read_wait(exchange, utc_us)) return wait;
  return spend_limit_end(exchange, utc_us);
}

}  // namespace harvest::dialect

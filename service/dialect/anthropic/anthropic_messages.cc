#include "service/dialect/anthropic/anthropic_messages.h"

#include <utility>

#include "service/dialect/anthropic/anthropic_abilities.h"
#include "service/dialect/anthropic/anthropic_answer.h"
#include "service/dialect/anthropic/anthropic_errors.h"
#include "service/dialect/anthropic/anthropic_request.h"
#include "service/dialect/anthropic/anthropic_stream.h"

namespace harvest::dialect {
namespace {

constexpr std::string_view kVersion = "2023-06-01";
constexpr std::string_view kVersionHeader = "anthropic-version";

const SharedHeaders& default_headers(bool stream) {
  const auto with_version = [](bool streamed) {
    Headers headers = *json_headers(streamed);
    headers.emplace_back(kVersionHeader, kVersion);
    return shared_headers(std::move(headers));
  };
  static const SharedHeaders kWhole = with_version(false), kStream = with_version(true);
  return stream ? kStream : kWhole;
}

SharedHeaders headers_of(const v1::Teacher& teacher, bool stream) {
  if (teacher.api_version().empty()) return default_headers(stream);
  Headers headers = *json_headers(stream);
  headers.emplace_back(kVersionHeader, teacher.api_version());
  return shared_headers(std::move(headers));
}

std::string_view path_of(const v1::Teacher& teacher) {
  std::string_view url = teacher.endpoints_size() > 0 ? teacher.endpoints(0) : teacher.endpoint();
  if (url.ends_with('/')) url.remove_suffix(1);
  return url.ends_with("/v1") ? "/messages" : "/v1/messages";
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
  HttpRequest request = json_request(std::string(path_of(teacher)), anthropic_body(teacher, query), query.stream);
  request.headers = headers_of(teacher, query.stream);
  return request;
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

#include "service/dialect/bedrock/bedrock_converse.h"

#include <string>
#include <utility>

#include "service/dialect/bedrock/bedrock_converse_answer.h"
#include "service/dialect/bedrock/bedrock_converse_check.h"
#include "service/dialect/bedrock/bedrock_converse_request.h"
#include "service/dialect/bedrock/bedrock_converse_stream.h"
#include "service/dialect/bedrock/bedrock_credential.h"
#include "service/dialect/bedrock/bedrock_errors.h"
#include "service/dialect/bedrock/event_stream.h"
#include "service/dialect/url_text.h"

namespace harvest::dialect {
namespace {

const SharedHeaders& stream_headers() {
  static const SharedHeaders kHeaders =
      shared_headers({{"Content-Type", "application/json"}, {"Accept", "application/vnd.amazon.eventstream"}});
  return kHeaders;
}

}  // namespace

const Abilities& BedrockConverse::abilities(const v1::Teacher&) const {
  return converse_abilities();
}

absl::Status BedrockConverse::check(const v1::Teacher& teacher, const v1::Prompt& prompt,
                                    const v1::Sampling& sampling) const {
  return check_converse(teacher, prompt, sampling);
}

HttpRequest BedrockConverse::encode(const v1::Teacher& teacher, const QueryView& query) const {
  std::string path = "/model/" + percent_encoded(teacher.model()) + (query.stream ? "/converse-stream" : "/converse");
  HttpRequest request = json_request(std::move(path), converse_body(query), query.stream);
  if (query.stream) request.headers = stream_headers();
  return request;
}

Credential BedrockConverse::credential(const v1::Teacher& teacher, std::string_view key) const {
  return bedrock_credential(teacher.region(), key);
}

Outcome BedrockConverse::read_answer(const JsonBody& body, bool waits) const {
  return read_converse_answer(body, waits);
}

bool BedrockConverse::is_stream(std::string_view body) const {
  return looks_like_event_stream(body);
}

Outcome BedrockConverse::read_stream(std::string_view body, size_t slack) const {
  return read_converse_stream(body, slack);
}

Outcome BedrockConverse::read_failure(const HttpExchange& exchange, const JsonBody& body, bool waits) const {
  return read_bedrock_failure(exchange, body, waits);
}

std::string_view BedrockConverse::request_id(const HttpExchange& exchange) const {
  const std::string_view id = exchange.header("x-amzn-requestid");
  return id.empty() ? VendorDialect::request_id(exchange) : id;
}

}  // namespace harvest::dialect

#pragma once

#include <string_view>

#include "service/dialect/http_message.h"
#include "service/dialect/json_body.h"
#include "service/dialect/outcome.h"

/// AWS names what went wrong by an exception: in the header x-amzn-errortype, in the body's `__type`, or as an event of
/// a stream. The name goes before the HTTP status; billing and models that are not there are told by words.
namespace harvest::dialect {

/// A response whose status is not 2xx; its body may be anything.
Outcome read_bedrock_failure(const HttpExchange& exchange, const JsonBody& body, bool waits);

/// An exception without a status of its own: in a 2xx body, or an event of a stream.
Outcome bedrock_exception(std::string_view name, std::string_view words, bool waits);

/// The exception's name in a body; empty: it holds none.
std::string_view bedrock_exception_name(const simdjson::dom::object& body);
/// Its words.
std::string_view bedrock_exception_words(const simdjson::dom::object& body);

}  // namespace harvest::dialect

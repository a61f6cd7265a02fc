#pragma once

#include <chrono>
#include <optional>

#include "service/dialect/http_message.h"
#include "service/dialect/json_body.h"
#include "service/dialect/outcome.h"

/// `{"type":"error","error":{"type","message","details"?},"request_id"}`. Its types say what the HTTP status says; what
/// only words tell is read from them: billing stops and a disabled organization come as invalid requests, and so does
/// an answer that the vendor's filter held back.
namespace harvest::dialect {

/// A response whose status is not 2xx; its body may be anything.
Outcome read_anthropic_failure(int status, const JsonBody& body, bool waits);

/// An error in a 2xx body, or an event of a stream; the type decides.
Outcome embedded_anthropic_error(const simdjson::dom::object& root, bool waits);

/// How long until a spend limit ends that states so: "You will regain access on 2026-12-01 at 00:00 UTC".
std::optional<std::chrono::nanoseconds> spend_limit_end(const HttpExchange& exchange, int64_t utc_us);

}  // namespace harvest::dialect

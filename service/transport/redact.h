#pragma once

#include <string_view>

#include "service/dialect/http_message.h"

namespace harvest::transport {

/// Takes the key out of an exchange that is no answer: servers have been seen to repeat a wrong key in their error
/// message, which would carry it into logs. `secret` is the authorization header's value, with or without a scheme
/// before the key.
void redact(dialect::HttpExchange& exchange, std::string_view secret);

}  // namespace harvest::transport

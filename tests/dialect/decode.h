#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "service/dialect/dialect.h"
#include "service/dialect/registry/registry.h"

namespace harvest::testing {

/// What a dialect makes of this body, that came with a 200 and maybe ended below HTTP.
inline dialect::Outcome decode(std::string_view dialect, std::string body,
                               dialect::WireError error = dialect::WireError::kNone) {
  dialect::HttpExchange exchange;
  exchange.sent = true;
  exchange.status = 200;
  exchange.body = std::move(body);
  exchange.error = error;
  return dialect::find_dialect(dialect)->decode(exchange, 1);
}

}  // namespace harvest::testing

#pragma once

#include <memory>

#include "service/transport/transport.h"

namespace harvest::transport {

/// One request on its way: made on the decision lane, moved to a transport lane, filled in there and moved back.
struct Transfer {
  EndpointId endpoint = 0;
  size_t lane = 0;
  dialect::HttpRequest request;
  OnExchange done;
  dialect::HttpExchange exchange;
  std::chrono::nanoseconds begun_at{};  ///< when its lane took it; steady clock
};

using TransferPtr = std::unique_ptr<Transfer>;

}  // namespace harvest::transport

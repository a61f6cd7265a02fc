#pragma once

#include <chrono>
#include <memory>

#include "service/transport/transport.h"

namespace harvest::transport {

class RequestHead;

/// The lanes' time, monotonic.
inline std::chrono::nanoseconds steady_now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

/// One request on its way: made on the decision lane, moved to a transport lane, filled in there and moved back.
struct Transfer {
  EndpointId endpoint = 0;
  size_t lane = 0;
  dialect::HttpRequest request;
  std::shared_ptr<const dialect::Credential> credential;  ///< that it bears: its endpoint's, as it was then
  OnExchange done;
  std::shared_ptr<const RequestHead> head;  ///< of the request; its site puts it in
  dialect::HttpExchange exchange;
  std::chrono::nanoseconds begun_at{};  ///< when its lane took it; steady clock
  bool streamed = false;                ///< as the request says, which is gone once it is sent
  std::chrono::nanoseconds time_max{};  ///< likewise
  std::chrono::nanoseconds heard_at{};  ///< of a stream: when its last byte came
};

using TransferPtr = std::unique_ptr<Transfer>;

}  // namespace harvest::transport

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "service/dialect/credential.h"
#include "service/dialect/http_message.h"

namespace harvest::transport {

/// How endpoints of one teacher are reached; shared by all its requests.
struct EndpointOptions {
  std::string url;                 ///< e.g. https://host/v1, no trailing slash needed
  dialect::Credential credential;  ///< a secret: never logged
  std::string ca_file, proxy;
  std::chrono::seconds connect_timeout{10}, first_byte_timeout{300}, total_timeout{600};
  std::chrono::seconds stall_timeout{120};  ///< of a stream that has begun: how long it may be silent
  int64_t body_bytes_max = 32 << 20;
};

using EndpointId = uint32_t;
using OnExchange = absl::AnyInvocable<void(dialect::HttpExchange)>;

/// The only network seam towards teachers. send() may be called from the decision lane alone; the handler is called on
/// the decision lane, exactly once per send, in batches.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual EndpointId add_endpoint(EndpointOptions options) = 0;
  /// What is sent to this endpoint from now on bears this credential.
  virtual void set_credential(EndpointId endpoint, dialect::Credential credential) = 0;
  virtual void send(EndpointId endpoint, dialect::HttpRequest request, OnExchange done) = 0;
  /// Ends every request in flight with kCancelled.
  virtual void cancel_all() = 0;
};

}  // namespace harvest::transport

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "service/access/tls_material.h"
#include "service/http/sources.h"

namespace harvest::http {

/// Bounds of the face. The defaults are meant for everybody; tests shorten the times.
struct HttpOptions {
  std::vector<std::string> host_names;          ///< allowed in Host besides loopback's names and the listen address
  std::chrono::milliseconds header_time{5000};  ///< from a request's first byte to the end of its header
  std::chrono::milliseconds idle_time{30000};   ///< between requests, and for a client to take the next 64 KiB
  std::chrono::milliseconds drain_time{5000};   ///< what stop() gives responses under way
  std::size_t connections_max = 256;
  std::size_t connections_per_address_max = 64;
  std::optional<access::TlsMaterial> tls{};  ///< none: in the clear
  bool demands_tokens = false;               ///< Sources::admit lets nobody in without one
};

/// The HTTP face: read-only, HTTP/1.1, on a lane of its own, so that no reader slows the harvest. What is answered is
/// decided in routes.h; this is sockets, time-outs and bytes. Shards go out by the kernel (sendfile) or, over TLS, in
/// pieces of 64 KiB: memory is bounded by the connections.
///
/// start() and stop() from any one thread; the sources are called on the face's lane and must outlive stop().
class HttpServer {
 public:
  /// `listen` is host:port, the host an IP address or localhost; port 0 takes a free one. Errors: kInvalidArgument (no
  /// such address, or TLS that OpenSSL will not have), kFailedPrecondition (not loopback, and not both TLS and tokens),
  /// kAlreadyExists (another process listens there), kUnavailable (else).
  static absl::StatusOr<std::unique_ptr<HttpServer>> start(const std::string& listen, Sources sources,
                                                           HttpOptions options = {});
  ~HttpServer();  ///< stop()
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const;
  /// Something was published: whoever waits for it is answered. Any thread.
  void ring();
  /// Takes no more requests, lets responses under way end for drain_time, then cuts them. Again: nothing.
  void stop();

 private:
  class Face;
  explicit HttpServer(std::unique_ptr<Face> face);
  std::unique_ptr<Face> face_;
};

}  // namespace harvest::http

#pragma once

#include <curl/curl.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "service/transport/connection.h"
#include "service/transport/curl_timer.h"
#include "service/transport/socket_watch.h"

namespace harvest::transport {

/// Makes connections to one endpoint: one libcurl multi handle, with at most kConnectionsMax of them.
///
/// Why so few: libcurl looks through a multi handle's connections at each call on one of them. Why one endpoint:
/// connections of different endpoints must never mix, and handles keep their options.
///
/// Owned by a site; its lane's thread only.
class Connector final : public SocketWatch::Owner {
 public:
  static constexpr size_t kConnectionsMax = 64;

  /// Whom it reports to: its site.
  class Sink : public Connection::Sink {
   public:
    virtual void on_connected(Connection& connection) = 0;
    virtual void on_not_connected(const std::string& why) = 0;

   protected:
    ~Sink() = default;
  };

  Connector(boost::asio::io_context& lane, const EndpointOptions& endpoint, const Origin& origin, CURLSH* share,
            Sink& sink);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  /// Begins one more connection; false when it has as many as it may. Nothing is reported before kick().
  bool connect();
  void kick();
  const std::vector<std::unique_ptr<Connection>>& connections() const { return connections_; }

 private:
  void on_ready(int descriptor, int curl_events) override;
  void act(curl_socket_t descriptor, int events);
  void collect();
  Connection* spare();

  static int on_socket(CURL* easy, curl_socket_t descriptor, int what, void* self, void*);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);

  boost::asio::io_context& lane_;
  const EndpointOptions& endpoint_;
  const Origin& origin_;
  CURLSH* share_;
  Sink& sink_;
  CURLM* multi_;
  CurlTimer timer_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::unordered_map<int, std::shared_ptr<SocketWatch>> connecting_;  ///< sockets on whose news libcurl waits
};

}  // namespace harvest::transport

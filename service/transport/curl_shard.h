#pragma once

#include <curl/curl.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <unordered_map>
#include <vector>

#include "service/transport/easy_handle.h"
#include "service/transport/shard_socket.h"
#include "service/transport/shard_timer.h"

namespace harvest::transport {

/// One libcurl multi handle with at most 128 connections, all to one endpoint.
///
/// Why so few: libcurl searches all connections of a multi handle twice per request; at 4096 in one handle a request
/// costs 84 µs, in 32 handles of 128 it costs 39. Why one endpoint: connections and TLS sessions of different endpoints
/// must never mix, and handles keep their options.
///
/// Owned by a transport lane, its thread only.
class CurlShard final : public ShardSocket::Owner {
 public:
  static constexpr size_t kConnectionsMax = 128;

  /// Whom a shard reports to: its site. Called from within every verb below.
  class Sink {
   public:
    virtual void on_finished(TransferPtr transfer) = 0;
    /// A request has a connection, new or kept.
    virtual void on_connected() = 0;

   protected:
    ~Sink() = default;
  };

  CurlShard(boost::asio::io_context& lane, const EndpointOptions& endpoint, CURLSH* share, Sink& sink);
  ~CurlShard();
  CurlShard(const CurlShard&) = delete;
  CurlShard& operator=(const CurlShard&) = delete;

  bool full() const { return in_flight_ >= kConnectionsMax; }
  size_t in_flight() const { return in_flight_; }

  /// Takes the transfer in; nothing is sent before kick(), so that a batch costs one round.
  void start(TransferPtr transfer, std::chrono::nanoseconds now);
  void kick();

  void cancel_all();
  /// Breaks off what has waited for its first byte for too long.
  void expire(std::chrono::nanoseconds now);

 private:
  void on_ready(int descriptor, int curl_events) override;
  void act(curl_socket_t descriptor, int events);
  void collect();
  void break_off(EasyHandle& handle, dialect::WireError error, const char* text);
  std::shared_ptr<const HeaderList> headers_for(const dialect::Headers& headers);
  EasyHandle& idle_handle();

  static int on_socket(CURL* easy, curl_socket_t descriptor, int what, void* self, void*);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);
  static int on_close_socket(void* self, curl_socket_t descriptor);

  boost::asio::io_context& lane_;
  const EndpointOptions& endpoint_;
  CURLSH* share_;
  Sink& sink_;
  CURLM* multi_;
  ShardTimer timer_;
  bool due_ = false;        ///< libcurl asked to be called at once
  bool connected_ = false;  ///< set by a handle; passed on when libcurl has returned
  size_t in_flight_ = 0;
  std::shared_ptr<const HeaderList> headers_;  ///< of the last request; nearly always those of the next
  std::vector<std::unique_ptr<EasyHandle>> handles_;
  std::vector<EasyHandle*> idle_;
  std::unordered_map<int, std::shared_ptr<ShardSocket>> sockets_;
};

}  // namespace harvest::transport

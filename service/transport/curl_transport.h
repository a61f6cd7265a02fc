#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <memory>
#include <vector>

#include "service/runtime/mailbox.h"
#include "service/transport/transport.h"
#include "service/transport/transport_lane.h"

namespace harvest::transport {

/// The network, by libcurl on lanes of its own. The decision lane hands over a request and gets its exchange back, both
/// by mailbox in batches; nothing here blocks it.
///
///     CurlTransport transport(decision_lane.context(), 1);
///     EndpointId id = transport.add_endpoint({.url = "http://127.0.0.1:8000/v1", .credential = {{"Authorization",
///     "Bearer …"}}}); transport.send(id, dialect.encode(teacher, query), [](HttpExchange exchange) { … });
///
/// decision lane ─ send ─▶ TransportLane (thread) ─▶ Site (endpoint) ─▶ Connector ─▶ Connection
///
/// Lane: all verbs, and the destructor, on the decision lane (or when it does not run). Destroying it drops what is in
/// flight without calling its handlers; cancel_all() and wait for them to end in order.
class CurlTransport final : public Transport {
 public:
  CurlTransport(boost::asio::io_context& decision_lane, size_t lanes);
  ~CurlTransport() override;

  EndpointId add_endpoint(EndpointOptions options) override;
  void set_credential(EndpointId endpoint, dialect::Credential credential) override;
  void send(EndpointId endpoint, dialect::HttpRequest request, OnExchange done) override;
  void cancel_all() override;

 private:
  struct LaneSlot {
    std::unique_ptr<TransportLane> lane;
    size_t in_flight = 0;
  };

  void on_results(std::vector<TransferPtr> batch);
  void flush_soon();

  boost::asio::io_context& decision_lane_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< for a flush that comes after the destructor
  bool flushing_ = false;
  std::deque<EndpointOptions> endpoints_;  // a deque: lanes keep references, so nothing in it changes
  std::vector<std::shared_ptr<const dialect::Credential>> credentials_;  // of each
  TransportLane::Results results_;
  std::vector<LaneSlot> lanes_;  // after results_, which outlives them
};

}  // namespace harvest::transport

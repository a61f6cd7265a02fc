#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "service/transport/connector.h"

namespace harvest::transport {

/// One endpoint as one transport lane reaches it: its kept connections, and what waits for one. The connection that was
/// used last is used next; one is made only where none is free.
///
/// An endpoint is approached by a few connections until one of them stands; the others wait. So ten thousand requests
/// do not begin with ten thousand name look-ups (libcurl gives each a thread), and an endpoint that cannot be reached
/// fails them all at once, unsent, instead of each after its own time-out.
///
/// Owned by a transport lane, its thread only.
class Site final : public Connector::Sink {
 public:
  using Finished = std::function<void(TransferPtr)>;
  Site(boost::asio::io_context& lane, const EndpointOptions& endpoint, CURLSH* share, Finished finished);

  void add(TransferPtr transfer);
  /// Makes the connections that what was added waits for.
  void kick();
  void cancel_all();
  /// Ends what has waited too long, and connections that idle too long.
  void expire(std::chrono::nanoseconds now);

 private:
  void on_ended(Connection& connection, TransferPtr transfer) override;
  void on_gone(Connection& connection) override;
  void on_connected(Connection& connection) override;
  void on_not_connected(const std::string& why) override;

  const std::shared_ptr<const RequestHead>& head_for(const Transfer& transfer);
  void refuse(TransferPtr transfer, dialect::WireError error, const std::string& why);
  void refuse_waiting(dialect::WireError error, const std::string& why);
  void serve(Connection& connection);
  /// A kept connection that can carry a request now; null where there is none.
  Connection* idle_connection(std::chrono::nanoseconds now);

  boost::asio::io_context& lane_;
  const EndpointOptions& endpoint_;
  const std::optional<Origin> origin_;
  CURLSH* share_;
  Finished finished_;
  bool reached_ = false;
  size_t connecting_ = 0;
  std::deque<TransferPtr> waiting_;                        ///< for a connection
  std::vector<Connection*> idle_;                          ///< last used last
  std::shared_ptr<const RequestHead> head_;                ///< of the last request; nearly always that of the next
  std::shared_ptr<const dialect::Credential> credential_;  ///< that this head bears
  std::vector<std::unique_ptr<Connector>> connectors_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  ///< for what was posted and comes late
};

}  // namespace harvest::transport

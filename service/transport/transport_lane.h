#pragma once

#include <curl/curl.h>

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <unordered_map>
#include <vector>

#include "service/runtime/lane.h"
#include "service/runtime/mailbox.h"
#include "service/transport/site.h"
#include "service/transport/transfer.h"

namespace harvest::transport {

/// A thread that only sends and receives: commands come in by mailbox, finished transfers go out by mailbox, both in
/// batches. Owns a site per endpoint that it has sent to.
class TransportLane {
 public:
  using Results = runtime::Mailbox<TransferPtr>;

  /// Finished transfers are pushed to `results`, which outlives the lane.
  TransportLane(size_t number, Results& results);
  ~TransportLane();  ///< drops what is in flight and joins its thread
  TransportLane(const TransportLane&) = delete;
  TransportLane& operator=(const TransportLane&) = delete;

  // Called from the decision lane. `endpoint` outlives the lane. What send() and cancel_all() gather goes out with
  // flush().
  void send(TransferPtr transfer, const EndpointOptions& endpoint);
  void cancel_all();
  void flush();

 private:
  /// A transfer to start; or, without one, the wish to end all.
  struct Command {
    TransferPtr transfer;
    const EndpointOptions* endpoint = nullptr;
  };

  void on_commands(std::vector<Command> batch);
  void finished(TransferPtr transfer);
  Site& site_for(const Command& command);
  void watch();

  std::vector<Command> pending_;  // decision lane's thread

  runtime::Lane lane_;  // first: everything below lives on it
  Results& results_;
  CURLSH* share_;
  boost::asio::steady_timer sweep_;
  bool sweeping_ = false;
  size_t in_flight_ = 0;
  std::vector<TransferPtr> outbox_;
  std::unordered_map<EndpointId, std::unique_ptr<Site>> sites_;
  runtime::Mailbox<Command> commands_;
};

}  // namespace harvest::transport

#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "service/transport/curl_shard.h"

namespace harvest::transport {

/// One endpoint as one transport lane reaches it: as many shards as its concurrency needs. A transfer goes to the shard
/// with the least in flight; only when all are full is another made. Shards are kept, their idle connections close by
/// age.
///
/// An endpoint is approached by a few requests until one of them has a connection; the others wait. So ten thousand
/// requests do not begin with ten thousand name look-ups (libcurl gives each a thread), and an endpoint that cannot be
/// reached fails them all at once, unsent, instead of each after its own time-out.
///
/// Owned by a transport lane, its thread only.
class Site final : public CurlShard::Sink {
 public:
  using Finished = std::function<void(TransferPtr)>;
  Site(boost::asio::io_context& lane, const EndpointOptions& endpoint, CURLSH* share, Finished finished);

  /// Takes the transfer in; kick() sends what has been taken in.
  void add(TransferPtr transfer);
  void kick();
  void cancel_all();
  void expire(std::chrono::nanoseconds now);

 private:
  void on_finished(TransferPtr transfer) override;
  void on_connected() override;
  void start(TransferPtr transfer);
  void approach();
  void fail_waiting(const dialect::HttpExchange& like);
  CurlShard& least_loaded();

  boost::asio::io_context& lane_;
  const EndpointOptions& endpoint_;
  CURLSH* share_;
  Finished finished_;
  bool reached_ = false;
  size_t in_flight_ = 0;             ///< started, without those that wait
  std::deque<TransferPtr> waiting_;  ///< for the first connection
  std::vector<std::unique_ptr<CurlShard>> shards_;
  std::vector<CurlShard*> touched_;  ///< shards with transfers that wait for a kick
};

}  // namespace harvest::transport

#include "service/transport/curl_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cassert>
#include <mutex>
#include <utility>

namespace harvest::transport {
namespace {

void init_libcurl_once() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

}  // namespace

CurlTransport::CurlTransport(boost::asio::io_context& decision_lane, size_t lanes)
    : decision_lane_(decision_lane),
      results_(decision_lane, [this](std::vector<TransferPtr> batch) { on_results(std::move(batch)); }) {
  assert(lanes > 0);
  init_libcurl_once();
  for (size_t i = 0; i < lanes; ++i) lanes_.push_back({.lane = std::make_unique<TransportLane>(i, results_)});
}

CurlTransport::~CurlTransport() {
  *alive_ = false;
}

EndpointId CurlTransport::add_endpoint(EndpointOptions options) {
  credentials_.push_back(std::make_shared<const dialect::Credential>(std::move(options.credential)));
  endpoints_.push_back(std::move(options));
  return static_cast<EndpointId>(endpoints_.size() - 1);
}

void CurlTransport::set_credential(EndpointId endpoint, dialect::Credential credential) {
  credentials_.at(endpoint) = std::make_shared<const dialect::Credential>(std::move(credential));
}

void CurlTransport::send(EndpointId endpoint, dialect::HttpRequest request, OnExchange done) {
  const auto least = std::min_element(lanes_.begin(), lanes_.end(),
                                      [](const LaneSlot& a, const LaneSlot& b) { return a.in_flight < b.in_flight; });
  auto transfer = std::make_unique<Transfer>();
  transfer->endpoint = endpoint;
  transfer->credential = credentials_.at(endpoint);
  transfer->lane = static_cast<size_t>(least - lanes_.begin());
  transfer->request = std::move(request);
  transfer->done = std::move(done);
  ++least->in_flight;
  least->lane->send(std::move(transfer), endpoints_.at(endpoint));
  flush_soon();
}

/// All that is sent in one turn of the decision lane wakes a transport lane once.
void CurlTransport::flush_soon() {
  if (std::exchange(flushing_, true)) return;
  boost::asio::post(decision_lane_, [this, alive = alive_] {
    if (!*alive) return;
    flushing_ = false;
    for (LaneSlot& slot : lanes_) slot.lane->flush();
  });
}

void CurlTransport::cancel_all() {
  for (LaneSlot& slot : lanes_) slot.lane->cancel_all();
  flush_soon();
}

void CurlTransport::on_results(std::vector<TransferPtr> batch) {
  for (TransferPtr& transfer : batch) {
    --lanes_[transfer->lane].in_flight;
    transfer->done(std::move(transfer->exchange));
  }
}

}  // namespace harvest::transport

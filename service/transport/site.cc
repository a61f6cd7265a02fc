#include "service/transport/site.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace harvest::transport {

using dialect::HttpExchange;
using dialect::WireError;

namespace {

/// How many requests approach an endpoint that has not been reached yet.
constexpr size_t kApproachMax = 8;

std::chrono::nanoseconds steady_now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

}  // namespace

Site::Site(boost::asio::io_context& lane, const EndpointOptions& endpoint, CURLSH* share, Finished finished)
    : lane_(lane), endpoint_(endpoint), share_(share), finished_(std::move(finished)) {}

void Site::add(TransferPtr transfer) {
  if (reached_ || in_flight_ < kApproachMax) return start(std::move(transfer));
  waiting_.push_back(std::move(transfer));
}

void Site::kick() {
  // A kick may finish transfers and so touch further shards: take them as they come.
  while (!touched_.empty()) {
    CurlShard* shard = touched_.back();
    touched_.pop_back();
    shard->kick();
  }
}

void Site::cancel_all() {
  for (TransferPtr& transfer : std::exchange(waiting_, {})) {
    transfer->exchange.error = WireError::kCancelled;
    transfer->exchange.error_text = "given up by us";
    finished_(std::move(transfer));
  }
  for (const auto& shard : shards_) shard->cancel_all();
}

void Site::expire(std::chrono::nanoseconds now) {
  for (const auto& shard : shards_) shard->expire(now);
}

void Site::on_finished(TransferPtr transfer) {
  --in_flight_;
  if (transfer->exchange.error == WireError::kNotConnected) {
    reached_ = false;
    fail_waiting(transfer->exchange);
  }
  finished_(std::move(transfer));
  // Those ahead may have ended without telling whether the endpoint can be reached (unsendable): the next approach it.
  // Posted, not called: a chain of such transfers must not become a deep recursion.
  if (!waiting_.empty() && in_flight_ == 0) boost::asio::post(lane_, [this] { approach(); });
}

void Site::approach() {
  while (!waiting_.empty() && in_flight_ < kApproachMax) {
    TransferPtr next = std::move(waiting_.front());
    waiting_.pop_front();
    start(std::move(next));
  }
  kick();
}

void Site::on_connected() {
  if (std::exchange(reached_, true)) return;
  for (TransferPtr& transfer : std::exchange(waiting_, {})) start(std::move(transfer));
  kick();
}

void Site::start(TransferPtr transfer) {
  ++in_flight_;
  CurlShard& shard = least_loaded();
  if (std::find(touched_.begin(), touched_.end(), &shard) == touched_.end()) touched_.push_back(&shard);
  shard.start(std::move(transfer), steady_now());
}

void Site::fail_waiting(const HttpExchange& like) {
  for (TransferPtr& transfer : std::exchange(waiting_, {})) {
    transfer->exchange.error = like.error;
    transfer->exchange.error_text = like.error_text;
    finished_(std::move(transfer));
  }
}

CurlShard& Site::least_loaded() {
  const auto least = std::min_element(shards_.begin(), shards_.end(),
                                      [](const auto& a, const auto& b) { return a->in_flight() < b->in_flight(); });
  if (least != shards_.end() && !(*least)->full()) return **least;
  shards_.push_back(std::make_unique<CurlShard>(lane_, endpoint_, share_, *this));
  return *shards_.back();
}

}  // namespace harvest::transport

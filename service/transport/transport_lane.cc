#include "service/transport/transport_lane.h"

#include <boost/asio/post.hpp>
#include <new>
#include <utility>

namespace harvest::transport {
namespace {

/// How late a first-byte time-out may be noticed.
constexpr std::chrono::milliseconds kSweepEvery{250};

CURLSH* make_share() {
  CURLSH* share = curl_share_init();
  if (share == nullptr) throw std::bad_alloc();
  // One thread uses it, so it needs no lock functions. Connections are not shared: they belong to their shard.
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  return share;
}

}  // namespace

TransportLane::TransportLane(size_t number, Results& results)
    : lane_("transport-" + std::to_string(number)),
      results_(results),
      share_(make_share()),
      sweep_(lane_.context()),
      commands_(lane_.context(), [this](std::vector<Command> batch) { on_commands(std::move(batch)); }) {}

TransportLane::~TransportLane() {
  // On the lane itself: closing a TLS connection writes, and only the lane's thread is shielded from SIGPIPE.
  boost::asio::post(lane_.context(), [this] {
    in_flight_ = 0;
    sweep_.cancel();
    sites_.clear();
  });
  lane_.finish();
  curl_share_cleanup(share_);
}

void TransportLane::send(TransferPtr transfer, const EndpointOptions& endpoint) {
  pending_.push_back({.transfer = std::move(transfer), .endpoint = &endpoint});
}

void TransportLane::cancel_all() {
  pending_.push_back({});
}

void TransportLane::flush() {
  commands_.push_all(std::exchange(pending_, {}));
}

void TransportLane::on_commands(std::vector<Command> batch) {
  for (Command& command : batch) {
    if (command.transfer == nullptr) {
      for (const auto& [id, site] : sites_) site->cancel_all();
      continue;
    }
    ++in_flight_;
    site_for(command).add(std::move(command.transfer));
  }
  for (const auto& [id, site] : sites_) site->kick();
  watch();
}

void TransportLane::finished(TransferPtr transfer) {
  --in_flight_;
  // Handed over once per turn of the lane, behind the events that are ready now: a wake-up of the other thread costs
  // several microseconds, so it is shared by all that ended in this turn.
  if (outbox_.empty()) boost::asio::post(lane_.context(), [this] { results_.push_all(std::exchange(outbox_, {})); });
  outbox_.push_back(std::move(transfer));
}

Site& TransportLane::site_for(const Command& command) {
  std::unique_ptr<Site>& site = sites_[command.transfer->endpoint];
  if (site == nullptr)
    site = std::make_unique<Site>(lane_.context(), *command.endpoint, share_,
                                  [this](TransferPtr transfer) { finished(std::move(transfer)); });
  return *site;
}

void TransportLane::watch() {
  if (sweeping_ || in_flight_ == 0) return;
  sweeping_ = true;
  sweep_.expires_after(kSweepEvery);
  sweep_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    sweeping_ = false;
    const std::chrono::nanoseconds now = steady_now();
    for (const auto& [id, site] : sites_) site->expire(now);
    watch();
  });
}

}  // namespace harvest::transport

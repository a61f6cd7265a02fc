#include "service/transport/curl_timer.h"

namespace harvest::transport {

CurlTimer::CurlTimer(boost::asio::io_context& lane, std::function<void()> fire)
    : timer_(lane), fire_(std::move(fire)) {}

void CurlTimer::set(std::optional<std::chrono::milliseconds> after) {
  wanted_.reset();
  if (!after) return;
  wanted_ = std::chrono::steady_clock::now() + *after;
  if (!armed_ || *armed_ > *wanted_) arm(*wanted_);
}

void CurlTimer::arm(Time at) {
  armed_ = at;
  timer_.expires_at(at);  // cancels the wait under way, whose handler then sees an error
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
    if (!error && !alive.expired()) on_timer();
  });
}

void CurlTimer::on_timer() {
  armed_.reset();
  if (!wanted_) return;
  if (*wanted_ > std::chrono::steady_clock::now()) return arm(*wanted_);
  wanted_.reset();
  fire_();
}

}  // namespace harvest::transport

#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>

namespace harvest::transport {

/// libcurl's one timer per multi handle, lazily: libcurl moves it with each step of each connection that it makes,
/// mostly further away, and each move of an Asio timer costs a cancelled wait. So a later time is only noted, and the
/// timer armed again when it fires too early. Lane's thread only; `fire` is called neither from set() nor after the
/// timer is destroyed.
class CurlTimer {
 public:
  CurlTimer(boost::asio::io_context& lane, std::function<void()> fire);

  /// Fires after this long; nullopt: not at all.
  void set(std::optional<std::chrono::milliseconds> after);

 private:
  using Time = std::chrono::steady_clock::time_point;
  void arm(Time at);
  void on_timer();

  boost::asio::steady_timer timer_;
  std::function<void()> fire_;
  std::optional<Time> wanted_, armed_;
  /// A wait that has expired cannot be cancelled any more: its handler may come after the destructor, and finds this
  /// gone.
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace harvest::transport

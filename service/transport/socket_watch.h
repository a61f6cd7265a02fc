#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>

namespace harvest::transport {

/// A socket of libcurl's as the lane watches it. It stays registered with the reactor for as long as it is watched
/// (registering anew for each request costs 4 to 6 µs, measured).
///
/// libcurl owns the descriptor; this object lends it to Asio and gives it back in close(). Waits under way hold the
/// object, which outlives its owner by at most one turn of the lane. Lane's thread only.
class SocketWatch : public std::enable_shared_from_this<SocketWatch> {
 public:
  class Owner {
   public:
    /// `events`: CURL_CSELECT_IN, _OUT or _ERR. May close() the watch.
    virtual void on_ready(int descriptor, int events) = 0;

   protected:
    ~Owner() = default;
  };

  SocketWatch(boost::asio::io_context& lane, int descriptor, Owner& owner);

  /// What is waited for from now on: CURL_POLL_IN, _OUT, _INOUT or _REMOVE (nothing).
  void want(int curl_poll);
  /// Lets go of the descriptor; no event follows.
  void close();

 private:
  void arm_read();
  void arm_write();
  void on_readable(const boost::system::error_code& error);
  void on_writable(const boost::system::error_code& error);
  bool wants_read() const;
  bool wants_write() const;

  boost::asio::posix::stream_descriptor descriptor_;
  Owner* owner_;
  int poll_;
  bool read_armed_ = false, write_armed_ = false;
};

}  // namespace harvest::transport

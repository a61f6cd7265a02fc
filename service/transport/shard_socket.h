#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>

namespace harvest::transport {

/// One connection's socket as the lane watches it. It stays registered with the reactor for the connection's whole
/// life, over many transfers (registering anew for each costs 4 to 6 µs a request, measured), and its read wait stays
/// armed while the connection idles: so a server's close is seen at once, and the connection is never offered to
/// another request.
///
/// libcurl owns the descriptor; this object lends it to Asio and gives it back in close(). Waits under way hold the
/// object, which outlives its shard by at most one turn of the lane. Lane's thread only.
class ShardSocket : public std::enable_shared_from_this<ShardSocket> {
 public:
  /// What a socket reports to: its shard.
  class Owner {
   public:
    virtual void on_ready(int descriptor, int curl_events) = 0;

   protected:
    ~Owner() = default;
  };

  ShardSocket(boost::asio::io_context& lane, int descriptor, Owner& owner);

  /// What libcurl waits for now: CURL_POLL_IN, _OUT, _INOUT, or _REMOVE (the connection idles).
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

#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>

#include "service/http/http_server.h"
#include "service/http/message.h"
#include "service/http/routes.h"
#include "service/http/shard_file.h"

namespace boost::asio::ssl {
class context;
}

namespace harvest::http {

/// One client's connection: reads requests, lets the routes answer, sends the answers in pieces. Lives on the face's
/// lane; routes and options outlive it. Errors end it: a client that is too slow, gone, or speaks no HTTP concerns
/// nobody else.
class Connection {
 public:
  /// `gone` is called by the destructor, also when the lane ends with the connection open.
  /// `tls`: none: in the clear.
  Connection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls, const Routes& routes,
             const HttpOptions& options, std::function<void(Connection&)> gone);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// All requests of the connection, one after the other. `self` keeps it alive meanwhile.
  static boost::asio::awaitable<void> serve(std::shared_ptr<Connection> self);
  /// No further request: closes at once between two, else after the answer under way.
  void finish();
  /// What a request waits for may be there now.
  void look_again();

 private:
  struct Wire;  // the stream and its buffer: Beast's, and kept out of this header

  boost::asio::awaitable<bool> shake_hands();
  boost::asio::awaitable<void> serve_requests();
  boost::asio::awaitable<Response> answer(const Request& request);
  boost::asio::awaitable<void> linger();
  boost::asio::awaitable<bool> send(const Request& request, Response response, bool keep_alive, unsigned version);
  // Each returns the bytes that were sent: fewer than there are where the client is gone or too slow.
  boost::asio::awaitable<uint64_t> send_text(const std::string& text);
  boost::asio::awaitable<uint64_t> send_file(const OpenFile& file, FileSlice slice);
  boost::asio::awaitable<uint64_t> send_pieces(const OpenFile& file, FileSlice slice);
  boost::asio::awaitable<bool> wait_writable();

  const Routes& routes_;
  const HttpOptions& options_;
  const std::function<void(Connection&)> gone_;
  std::shared_ptr<Wire> wire_;
  bool idle_ = true;  // between requests
  bool finishing_ = false;
};

}  // namespace harvest::http

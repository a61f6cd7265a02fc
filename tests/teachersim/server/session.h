#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "tests/teachersim/server/http_request.h"
#include "tests/teachersim/teacher.h"

namespace teachersim {

class Session;

/// What sessions hand their requests to; outlives every session.
class Handler {
 public:
  virtual ~Handler() = default;
  /// The views in `request` are valid during the call only. Answered by one session->deliver() or session->close(), now
  /// or later.
  virtual void handle(const std::shared_ptr<Session>& session, const HttpRequest& request) = 0;
};

/// One client connection: reads a request, hands it over, sends what is delivered, and again. Never two requests at
/// once (pipelined ones wait in the buffer). Kept alive by its pending operations and by whoever owes it an answer.
/// Runs on the server's one thread.
class Session {
 public:
  virtual ~Session() = default;
  virtual void start() = 0;
  virtual void deliver(Delivery delivery) = 0;
  /// Ends the connection in order, whatever it was doing.
  virtual void close() = 0;
  virtual int endpoint() const = 0;
};

/// `tls` may be null: clear text. It outlives the session otherwise.
std::shared_ptr<Session> make_session(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls, int endpoint,
                                      Handler& handler);

}  // namespace teachersim

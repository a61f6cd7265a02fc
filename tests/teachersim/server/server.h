#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/teachersim/ledger.h"
#include "tests/teachersim/moment.h"
#include "tests/teachersim/server/agenda.h"
#include "tests/teachersim/server/session.h"
#include "tests/teachersim/teacher.h"

namespace teachersim {

/// The plumbing between sockets and the Teacher: listens, waits out latencies, keeps the ledger ahead of the answers.
/// One thread runs the io_context; everything here belongs to it.
///
/// An answer's way: handle() → teacher.receive() → agenda → teacher.finish() → outbox → flush(): ledger to the kernel,
/// then the bytes. flush() runs once per turn of the event loop, so that all answers of a turn share one write.
class Server : public Handler {
 public:
  /// `ledger` and `tls` may be null; all outlive the server.
  Server(boost::asio::io_context& io, const Clock& clock, Teacher& teacher, Ledger* ledger,
         boost::asio::ssl::context* tls);

  /// Binds one more endpoint; an error message, or empty.
  std::string listen(const std::string& host, std::uint16_t port);
  void start();
  /// "127.0.0.1:8000", in the order of listen(), with the ports that were really bound.
  std::vector<std::string> addresses() const;
  std::vector<std::uint16_t> ports() const;
  /// Why the server stopped by itself; empty when it did not.
  const std::string& failure() const { return failure_; }

  void handle(const std::shared_ptr<Session>& session, const HttpRequest& request) override;

 private:
  struct Endpoint {
    boost::asio::ip::tcp::acceptor acceptor;
    boost::asio::steady_timer pause;  // after a failed accept
  };
  void accept(int index);
  void finish(const std::shared_ptr<Session>& session, Visit visit);
  void on_due(Due due);
  void await_batches();
  void plan_flush();
  void flush();

  boost::asio::io_context& io_;
  const Clock& clock_;
  Teacher& teacher_;
  Ledger* const ledger_;
  boost::asio::ssl::context* const tls_;
  Agenda agenda_;
  boost::asio::steady_timer batch_timer_;  // of the batch that ends next
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
  std::vector<std::pair<std::shared_ptr<Session>, Delivery>> outbox_;
  bool flush_planned_ = false;
  std::string failure_;
};

}  // namespace teachersim

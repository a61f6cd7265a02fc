#include "tests/teachersim/server/server.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>

namespace teachersim {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Server::Server(asio::io_context& io, const Clock& clock, Teacher& teacher, Ledger* ledger, asio::ssl::context* tls)
    : io_(io),
      clock_(clock),
      teacher_(teacher),
      ledger_(ledger),
      tls_(tls),
      agenda_(io, [this](Due due) { on_due(std::move(due)); }),
      batch_timer_(io) {}

std::string Server::listen(const std::string& host, std::uint16_t port) {
  const std::string name = host + ":" + std::to_string(port);
  error_code error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  if (error) return "cannot listen on " + name + ": not an IP address";
  auto endpoint = std::make_unique<Endpoint>(Endpoint{tcp::acceptor(io_), asio::steady_timer(io_)});
  const tcp::endpoint where(address, port);
  endpoint->acceptor.open(where.protocol(), error);
  if (!error) endpoint->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) endpoint->acceptor.bind(where, error);
  if (!error) endpoint->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return "cannot listen on " + name + ": " + error.message();
  endpoints_.push_back(std::move(endpoint));
  return {};
}

void Server::start() {
  for (std::size_t i = 0; i < endpoints_.size(); ++i) accept(static_cast<int>(i));
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> addresses;
  for (const auto& endpoint : endpoints_) {
    const tcp::endpoint local = endpoint->acceptor.local_endpoint();
    addresses.push_back(local.address().to_string() + ":" + std::to_string(local.port()));
  }
  return addresses;
}

std::vector<std::uint16_t> Server::ports() const {
  std::vector<std::uint16_t> ports;
  for (const auto& endpoint : endpoints_) ports.push_back(endpoint->acceptor.local_endpoint().port());
  return ports;
}

void Server::accept(int index) {
  Endpoint& endpoint = *endpoints_[static_cast<std::size_t>(index)];
  endpoint.acceptor.async_accept([this, index, &endpoint](const error_code& error, tcp::socket socket) {
    if (error) {
      // Out of descriptors, most likely: some will be returned soon.
      constexpr std::chrono::milliseconds kPause(50);
      endpoint.pause.expires_after(kPause);
      endpoint.pause.async_wait([this, index](const error_code& stopped) {
        if (!stopped) accept(index);
      });
      return;
    }
    error_code gone;  // a client that left already shows itself at the first read
    socket.set_option(tcp::no_delay(true), gone);
    teacher_.note_connection();
    make_session(std::move(socket), tls_, index, *this)->start();
    accept(index);
  });
}

void Server::handle(const std::shared_ptr<Session>& session, const HttpRequest& request) {
  const Moment now = clock_.now();
  const Call call{request.method,      request.path,  request.credential, request.body,
                  session->endpoint(), request.query, request.headers};
  if (teacher_.is_page(call.method, call.path)) {
    outbox_.emplace_back(session, Delivery{.reply = teacher_.page(call, now)});
    await_batches();
    return plan_flush();
  }
  Visit visit = teacher_.receive(call, now);
  plan_flush();
  if (visit.delay <= limits::Time::zero()) return finish(session, std::move(visit));
  const auto due = clock_.at(now.now + visit.delay);
  agenda_.add(due, session, std::make_unique<Visit>(std::move(visit)));
}

/// Batches end, and are billed, even when nobody asks for them.
void Server::await_batches() {
  const limits::Time next = teacher_.next_batch_end();
  if (next == limits::Time::max()) return;
  batch_timer_.expires_at(clock_.at(next));  // cancels the wait before, if any
  batch_timer_.async_wait([this](const error_code& error) {
    if (error) return;
    teacher_.advance_batches(clock_.now());
    plan_flush();
    await_batches();
  });
}

void Server::on_due(Due due) {
  if (due.visit == nullptr) return due.session->close();
  finish(due.session, std::move(*due.visit));
}

void Server::finish(const std::shared_ptr<Session>& session, Visit visit) {
  const Moment now = clock_.now();
  outbox_.emplace_back(session, teacher_.finish(std::move(visit), now));
  if (outbox_.back().second.manner == Manner::kStall)
    agenda_.add(clock_.at(now.now + teacher_.stall()), session, nullptr);
  plan_flush();
}

void Server::plan_flush() {
  if (flush_planned_) return;
  flush_planned_ = true;
  // Behind every handler that is ready now: they all add to the same flush.
  asio::post(io_, [this] { flush(); });
}

void Server::flush() {
  flush_planned_ = false;
  if (ledger_ != nullptr && ledger_->pending() && !ledger_->flush()) {
    failure_ = std::string("cannot write the ledger: ") + std::strerror(errno);
    io_.stop();  // an answer that is not in the books must not leave
    return;
  }
  std::vector<std::pair<std::shared_ptr<Session>, Delivery>> ready;
  ready.swap(outbox_);
  for (auto& [session, delivery] : ready) session->deliver(std::move(delivery));
}

}  // namespace teachersim

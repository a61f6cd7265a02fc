#include "service/http/http_server.h"

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <future>
#include <set>

#include "absl/strings/str_cat.h"
#include "service/http/connection.h"
#include "service/http/connection_book.h"
#include "service/http/listen_address.h"
#include "service/http/routes.h"
#include "service/http/tls_context.h"
#include "service/runtime/lane.h"

namespace harvest::http {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Error = boost::system::error_code;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

}  // namespace

/// Everything of the face that belongs to its lane.
class HttpServer::Face {
 public:
  Face(Routes routes, HttpOptions options, std::unique_ptr<asio::ssl::context> tls)
      : routes_(std::move(routes)),
        options_(std::move(options)),
        tls_(std::move(tls)),
        book_(options_.connections_max, options_.connections_per_address_max) {}

  absl::Status listen(const tcp::endpoint& endpoint, const std::string& name);
  uint16_t port() const { return port_; }
  void ring();
  void stop();

 private:
  asio::awaitable<void> accept();
  void gone(Connection& connection, const std::string& address);
  void drain();
  void report(std::exception_ptr thrown, std::string_view what) const;
  void tell_drained() {
    if (!std::exchange(told_, true)) drained_.set_value();
  }

  const Routes routes_;
  const HttpOptions options_;
  const std::unique_ptr<asio::ssl::context> tls_;  // none: in the clear
  ConnectionBook book_;
  std::set<Connection*> connections_;
  bool draining_ = false, told_ = false;
  std::promise<void> drained_;
  std::atomic<bool> stopped_{false};
  uint16_t port_ = 0;
  // Last, so that frames of coroutines, which end with the lane's context, still find everything above.
  runtime::Lane lane_{"http"};
  tcp::acceptor acceptor_{lane_.context()};
};

absl::Status HttpServer::Face::listen(const tcp::endpoint& endpoint, const std::string& name) {
  Error error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use) {
    return absl::AlreadyExistsError(absl::StrCat("http.listen: another process listens on ", name));
  }
  if (error) return absl::UnavailableError(absl::StrCat("http.listen: cannot listen on ", name, ": ", error.message()));
  port_ = acceptor_.local_endpoint(error).port();
  asio::co_spawn(lane_.context(), accept(),
                 [this](std::exception_ptr thrown) { report(thrown, "the HTTP face's accept loop"); });
  return absl::OkStatus();
}

asio::awaitable<void> HttpServer::Face::accept() {
  asio::steady_timer pause(lane_.context());
  while (acceptor_.is_open()) {
    auto [error, socket] = co_await acceptor_.async_accept(kAwait);
    if (error == asio::error::operation_aborted || !acceptor_.is_open()) co_return;
    if (error) {  // out of descriptors, say: it passes, and must not spin
      pause.expires_after(std::chrono::milliseconds(100));
      co_await pause.async_wait(kAwait);
      continue;
    }
    Error ignored;  // a peer that is gone already fails at its first read
    std::string address = socket.remote_endpoint(ignored).address().to_string();
    if (!book_.enter(address)) continue;  // closed with the socket
    socket.set_option(tcp::no_delay(true), ignored);
    auto connection = std::make_shared<Connection>(std::move(socket), tls_.get(), routes_, options_,
                                                   [this, address](Connection& ended) { gone(ended, address); });
    connections_.insert(connection.get());
    asio::co_spawn(lane_.context(), Connection::serve(std::move(connection)),
                   [this](std::exception_ptr thrown) { report(thrown, "an HTTP connection"); });
  }
}

void HttpServer::Face::gone(Connection& connection, const std::string& address) {
  connections_.erase(&connection);
  book_.leave(address);
  if (draining_ && connections_.empty()) tell_drained();
}

void HttpServer::Face::drain() {
  draining_ = true;
  Error ignored;  // closing cannot fail in a way that matters here
  acceptor_.close(ignored);
  for (Connection* connection : connections_) connection->finish();
  if (connections_.empty()) tell_drained();
}

// Out of memory, or a defect in a source: it ends one connection and is told.
void HttpServer::Face::report(std::exception_ptr thrown, std::string_view what) const {
  if (!thrown) return;
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& exception) {
    routes_.unavailable(what, absl::InternalError(exception.what()));
  }
}

void HttpServer::Face::ring() {
  asio::post(lane_.context(), [this] {
    for (Connection* connection : connections_) connection->look_again();
  });
}

void HttpServer::Face::stop() {
  if (stopped_.exchange(true)) return;
  std::future<void> drained = drained_.get_future();
  asio::post(lane_.context(), [this] { drain(); });
  drained.wait_for(options_.drain_time);  // what is left after it is cut
  lane_.stop();
}

HttpServer::HttpServer(std::unique_ptr<Face> face) : face_(std::move(face)) {}
HttpServer::~HttpServer() {
  stop();
}
uint16_t HttpServer::port() const {
  return face_->port();
}
void HttpServer::ring() {
  face_->ring();
}
void HttpServer::stop() {
  face_->stop();
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::start(const std::string& listen, Sources sources,
                                                              HttpOptions options) {
  const absl::StatusOr<tcp::endpoint> endpoint = listen_endpoint(listen);
  if (!endpoint.ok()) return endpoint.status();
  const bool guarded = options.demands_tokens && sources.admit;
  if (!endpoint->address().is_loopback() && !(options.tls && guarded))
    return absl::FailedPreconditionError(absl::StrCat(
        "http.listen: ", listen, " is not loopback; without TLS and tokens the HTTP face listens on loopback only"));
  std::unique_ptr<asio::ssl::context> tls;
  if (options.tls) {
    auto made = tls_context(*options.tls);
    if (!made.ok()) return made.status();
    tls = *std::move(made);
  }
  std::vector<std::string> names = options.host_names;
  names.push_back(listen.substr(0, listen.rfind(':')));
  HostList hosts = guarded ? HostList::any() : HostList(std::move(names));
  Routes routes(std::move(sources), std::move(hosts), tls ? "https" : "http");
  auto face = std::make_unique<Face>(std::move(routes), std::move(options), std::move(tls));
  const absl::Status listening = face->listen(*endpoint, listen);
  if (!listening.ok()) {
    face->stop();
    return listening;
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(face)));
}

}  // namespace harvest::http

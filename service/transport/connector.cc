#include "service/transport/connector.h"

#include <algorithm>
#include <new>
#include <utility>

namespace harvest::transport {

Connector::Connector(boost::asio::io_context& lane, const EndpointOptions& endpoint, const Origin& origin,
                     CURLSH* share, Sink& sink)
    : lane_(lane),
      endpoint_(endpoint),
      origin_(origin),
      share_(share),
      sink_(sink),
      multi_(curl_multi_init()),
      timer_(lane, [this] { act(CURL_SOCKET_TIMEOUT, 0); }) {
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Connector::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Connector::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  // Above what there can ever be: libcurl closes the oldest beyond it, be they busy or not.
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(4 * kConnectionsMax));
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
}

Connector::~Connector() {
  connections_.clear();
  curl_multi_cleanup(multi_);
  for (const auto& [descriptor, watch] : connecting_) watch->close();
}

Connection* Connector::spare() {
  for (const auto& connection : connections_)
    if (connection->state() == Connection::State::kSpare) return connection.get();
  if (connections_.size() >= kConnectionsMax) return nullptr;
  connections_.push_back(std::make_unique<Connection>(lane_, endpoint_, origin_, share_, multi_, sink_));
  return connections_.back().get();
}

bool Connector::connect() {
  Connection* const connection = spare();
  if (connection == nullptr) return false;
  // Fails for want of memory alone, or for a handle that is in use already, which a spare one is not.
  if (connection->open() != CURLM_OK) throw std::bad_alloc();
  return true;
}

void Connector::kick() {
  act(CURL_SOCKET_TIMEOUT, 0);
}

void Connector::on_ready(int descriptor, int curl_events) {
  act(descriptor, curl_events);
}

void Connector::act(curl_socket_t descriptor, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, descriptor, events, &running);
  collect();
}

void Connector::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    Connection& connection = Connection::of(message->easy_handle);
    if (code == CURLE_OK) {
      connection.on_connected(steady_now());
      sink_.on_connected(connection);
    } else {
      sink_.on_not_connected(connection.on_failed(code));
    }
  }
}

int Connector::on_socket(CURL*, curl_socket_t descriptor, int what, void* self, void*) {
  Connector& connector = *static_cast<Connector*>(self);
  const auto found = connector.connecting_.find(descriptor);
  if (what == CURL_POLL_REMOVE) {
    // Connected, and its connection's to watch from now on; or given up, and closed next.
    if (found == connector.connecting_.end()) return 0;
    found->second->close();
    connector.connecting_.erase(found);
    return 0;
  }
  std::shared_ptr<SocketWatch>& watch =
      found != connector.connecting_.end() ? found->second : connector.connecting_[descriptor];
  if (watch == nullptr) watch = std::make_shared<SocketWatch>(connector.lane_, descriptor, connector);
  watch->want(what);
  return 0;
}

int Connector::on_timer(CURLM*, long timeout_ms, void* self) {
  Connector& connector = *static_cast<Connector*>(self);
  connector.timer_.set(timeout_ms < 0 ? std::nullopt : std::make_optional(std::chrono::milliseconds(timeout_ms)));
  return 0;
}

}  // namespace harvest::transport

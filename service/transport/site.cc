#include "service/transport/site.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace harvest::transport {

using dialect::WireError;

namespace {

/// How many connections approach an endpoint that has not been reached yet.
constexpr size_t kApproachMax = 8;
/// And how many are made at once thereafter: thousands of TLS handshakes side by side would each take longer than the
/// connect time-out, and none would come to an end.
constexpr size_t kConnectingMax = 128;
/// uvicorn, under most servers of one's own, closes an idle connection after 5 s; a request that meets that close may
/// or may not have been taken, and nobody can tell.
constexpr std::chrono::milliseconds kIdleMax{3500};
/// An idle connection is watched: its server's farewell is heard in the lane's next turn. Only after a longer rest may
/// the lane have been held up since, and a look costs less than a request that nobody took.
constexpr std::chrono::milliseconds kTrustedFor{100};

/// Signatures are dated.
int64_t utc_us_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

}  // namespace

Site::Site(boost::asio::io_context& lane, const EndpointOptions& endpoint, CURLSH* share, Finished finished)
    : lane_(lane),
      endpoint_(endpoint),
      origin_(Origin::of(endpoint.url)),
      share_(share),
      finished_(std::move(finished)) {}

void Site::add(TransferPtr transfer) {
  transfer->begun_at = steady_now();
  transfer->streamed = transfer->request.streamed;
  transfer->time_max = transfer->request.time_max;
  if (!origin_) return refuse(std::move(transfer), WireError::kBadRequest, "not an http or https address");
  transfer->head = head_for(*transfer);
  if (transfer->head == nullptr)
    return refuse(std::move(transfer), WireError::kBadRequest,
                  "a header or the path holds a character that HTTP does not allow");
  waiting_.push_back(std::move(transfer));
  if (Connection* connection = idle_connection(waiting_.back()->begun_at)) serve(*connection);
}

void Site::kick() {
  const size_t wanted = std::min(waiting_.size(), reached_ ? kConnectingMax : kApproachMax);
  if (connecting_ >= wanted) return;
  for (size_t i = 0; connecting_ < wanted; ++connecting_) {
    while (i < connectors_.size() && !connectors_[i]->connect()) ++i;
    if (i < connectors_.size()) continue;
    connectors_.push_back(std::make_unique<Connector>(lane_, endpoint_, *origin_, share_, *this));
    connectors_.back()->connect();
  }
  // What is reported meanwhile may come back here and add connectors.
  for (size_t i = 0; i < connectors_.size(); ++i) connectors_[i]->kick();
}

void Site::cancel_all() {
  refuse_waiting(WireError::kCancelled, "given up by us");
  for (const auto& connector : connectors_)
    for (const auto& connection : connector->connections())
      if (connection->state() == Connection::State::kBusy)
        finished_(connection->give_up(WireError::kCancelled, "given up by us"));
}

void Site::expire(std::chrono::nanoseconds now) {
  for (const auto& connector : connectors_) {
    for (const auto& connection : connector->connections()) {
      if (connection->state() != Connection::State::kBusy) continue;
      const std::chrono::nanoseconds waited = now - connection->transfer()->begun_at;
      const std::chrono::nanoseconds own = connection->transfer()->time_max;
      const std::chrono::nanoseconds total = own.count() > 0 ? own : endpoint_.total_timeout;
      const std::chrono::nanoseconds first_byte =
          std::min<std::chrono::nanoseconds>(total, endpoint_.first_byte_timeout);
      if (connection->lost())
        finished_(connection->give_up(WireError::kReset, "the connection was closed before the response was whole"));
      else if (waited >= total)
        finished_(connection->give_up(WireError::kTimeout, "the response was not whole within the total timeout"));
      else if (waited >= first_byte && !connection->answering())
        finished_(connection->give_up(WireError::kTimeout, "no byte came within the first-byte timeout"));
      else if (connection->transfer()->streamed && connection->answering() &&
               now - connection->transfer()->heard_at >= endpoint_.stall_timeout)
        finished_(
            connection->give_up(WireError::kTimeout, "the stream stalled: no byte came within the stall timeout"));
    }
  }
  std::erase_if(idle_, [&](Connection* connection) {
    if (now - connection->idle_since() < kIdleMax) return false;
    connection->close();
    return true;
  });
  kick();
}

void Site::on_ended(Connection& connection, TransferPtr transfer) {
  finished_(std::move(transfer));
  if (connection.state() == Connection::State::kIdle) return serve(connection);
  // It went, and what waits needs another. Not here, where libcurl or a chain of such endings may be at work.
  if (!waiting_.empty())
    boost::asio::post(lane_, [this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) kick();
    });
}

void Site::on_gone(Connection& connection) {
  std::erase(idle_, &connection);
}

void Site::on_connected(Connection& connection) {
  --connecting_;
  reached_ = true;
  serve(connection);
  kick();
}

void Site::on_not_connected(const std::string& why) {
  --connecting_;
  // Where one stood before, others may still be made: this one's failure is one request's. The next is everybody's.
  if (!std::exchange(reached_, false)) return refuse_waiting(WireError::kNotConnected, why);
  if (waiting_.empty()) return;
  TransferPtr oldest = std::move(waiting_.front());
  waiting_.pop_front();
  refuse(std::move(oldest), WireError::kNotConnected, why);
}

const std::shared_ptr<const RequestHead>& Site::head_for(const Transfer& transfer) {
  if (head_ == nullptr || credential_ != transfer.credential || !head_->serves(transfer.request)) {
    credential_ = transfer.credential;
    head_ = RequestHead::make(*origin_, transfer.request, *credential_, utc_us_now());
  }
  return head_;
}

void Site::refuse(TransferPtr transfer, WireError error, const std::string& why) {
  transfer->exchange.error = error;
  transfer->exchange.error_text = why;
  transfer->exchange.duration = steady_now() - transfer->begun_at;
  finished_(std::move(transfer));
}

void Site::refuse_waiting(WireError error, const std::string& why) {
  for (TransferPtr& transfer : std::exchange(waiting_, {})) refuse(std::move(transfer), error, why);
}

void Site::serve(Connection& connection) {
  if (waiting_.empty()) return idle_.push_back(&connection);
  TransferPtr next = std::move(waiting_.front());
  waiting_.pop_front();
  connection.begin(std::move(next));
}

Connection* Site::idle_connection(std::chrono::nanoseconds now) {
  while (!idle_.empty()) {
    Connection* const connection = idle_.back();
    idle_.pop_back();
    const std::chrono::nanoseconds idled = now - connection->idle_since();
    if (idled < kTrustedFor || (idled < kIdleMax && connection->alive())) return connection;
    connection->close();
  }
  return nullptr;
}

}  // namespace harvest::transport

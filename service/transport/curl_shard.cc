#include "service/transport/curl_shard.h"

#include <unistd.h>

#include <cassert>
#include <new>
#include <utility>

namespace harvest::transport {

using dialect::WireError;

namespace {

/// Immediate calls that libcurl asks for are made in place this often; then the lane's other work gets its turn.
constexpr int kRoundsMax = 4;

}  // namespace

CurlShard::CurlShard(boost::asio::io_context& lane, const EndpointOptions& endpoint, CURLSH* share, Sink& sink)
    : lane_(lane), endpoint_(endpoint), share_(share), sink_(sink), multi_(curl_multi_init()), timer_(lane, [this] {
        act(CURL_SOCKET_TIMEOUT, 0);
      }) {
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlShard::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlShard::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  // Must exceed the concurrency: below it every request reconnects (2.1 times the cost, measured).
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(2 * kConnectionsMax));
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
}

CurlShard::~CurlShard() {
  for (const auto& handle : handles_)
    if (handle->busy()) curl_multi_remove_handle(multi_, handle->curl());
  handles_.clear();
  curl_multi_cleanup(multi_);  // closes every connection through on_close_socket
  for (const auto& [descriptor, socket] : sockets_) socket->close();
}

void CurlShard::start(TransferPtr transfer, std::chrono::nanoseconds now) {
  assert(!full());
  std::shared_ptr<const HeaderList> headers = headers_for(transfer->request.headers);
  if (headers == nullptr) {
    transfer->exchange.error = WireError::kBadRequest;
    transfer->exchange.error_text = "a header holds a character that HTTP does not allow";
    return sink_.on_finished(std::move(transfer));
  }
  EasyHandle& handle = idle_handle();
  handle.begin(std::move(transfer), std::move(headers), now);
  ++in_flight_;
  const CURLMcode code = curl_multi_add_handle(multi_, handle.curl());
  if (code != CURLM_OK) {
    --in_flight_;
    idle_.push_back(&handle);
    sink_.on_finished(handle.give_up(WireError::kBadRequest, curl_multi_strerror(code)));
  }
}

void CurlShard::kick() {
  act(CURL_SOCKET_TIMEOUT, 0);
}

void CurlShard::cancel_all() {
  for (size_t i = 0; i < handles_.size(); ++i)
    if (handles_[i]->busy()) break_off(*handles_[i], WireError::kCancelled, "given up by us");
}

void CurlShard::expire(std::chrono::nanoseconds now) {
  for (size_t i = 0; i < handles_.size(); ++i)
    if (handles_[i]->silent() && now - handles_[i]->begun_at() >= endpoint_.first_byte_timeout)
      break_off(*handles_[i], WireError::kTimeout, "no byte came within the first-byte timeout");
}

void CurlShard::on_ready(int descriptor, int curl_events) {
  act(descriptor, curl_events);
}

void CurlShard::act(curl_socket_t descriptor, int events) {
  int running = 0;
  due_ = false;
  curl_multi_socket_action(multi_, descriptor, events, &running);
  for (int round = 0; due_ && round < kRoundsMax; ++round) {
    due_ = false;
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  if (due_) timer_.set(std::chrono::milliseconds(0));
  if (std::exchange(connected_, false)) sink_.on_connected();
  collect();
}

void CurlShard::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    EasyHandle& handle = EasyHandle::of(message->easy_handle);
    TransferPtr transfer = handle.end(code);
    curl_multi_remove_handle(multi_, handle.curl());
    --in_flight_;
    idle_.push_back(&handle);
    sink_.on_finished(std::move(transfer));
  }
}

void CurlShard::break_off(EasyHandle& handle, WireError error, const char* text) {
  curl_multi_remove_handle(multi_, handle.curl());  // closes its connection: the answer may still come
  --in_flight_;
  idle_.push_back(&handle);
  sink_.on_finished(handle.give_up(error, text));
}

std::shared_ptr<const HeaderList> CurlShard::headers_for(const dialect::Headers& headers) {
  if (headers_ != nullptr && headers_->headers() == headers) return headers_;
  auto made = HeaderList::make(headers, endpoint_.authorization);
  if (made != nullptr) headers_ = made;
  return made;
}

EasyHandle& CurlShard::idle_handle() {
  if (idle_.empty()) {
    handles_.push_back(std::make_unique<EasyHandle>(endpoint_, share_, &CurlShard::on_close_socket, this, connected_));
    return *handles_.back();
  }
  EasyHandle& handle = *idle_.back();
  idle_.pop_back();
  return handle;
}

int CurlShard::on_socket(CURL*, curl_socket_t descriptor, int what, void* self, void*) {
  CurlShard& shard = *static_cast<CurlShard*>(self);
  std::shared_ptr<ShardSocket>& socket = shard.sockets_[descriptor];
  if (socket == nullptr) socket = std::make_shared<ShardSocket>(shard.lane_, descriptor, shard);
  socket->want(what);
  return 0;
}

int CurlShard::on_timer(CURLM*, long timeout_ms, void* self) {
  CurlShard& shard = *static_cast<CurlShard*>(self);
  shard.due_ = timeout_ms == 0;
  if (timeout_ms < 0) shard.timer_.set(std::nullopt);
  if (timeout_ms > 0) shard.timer_.set(std::chrono::milliseconds(timeout_ms));
  return 0;
}

int CurlShard::on_close_socket(void* self, curl_socket_t descriptor) {
  CurlShard& shard = *static_cast<CurlShard*>(self);
  if (const auto found = shard.sockets_.find(descriptor); found != shard.sockets_.end()) {
    found->second->close();
    shard.sockets_.erase(found);
  }
  return ::close(descriptor);
}

}  // namespace harvest::transport

#include "service/transport/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <new>
#include <utility>

#include "service/transport/redact.h"

namespace harvest::transport {

using dialect::HttpExchange;
using dialect::WireError;
using Progress = ResponseReader::Progress;

namespace {

/// All that one read can bring; one buffer serves every connection of a lane, for nothing stays in it.
constexpr size_t kReadBytes = 64 << 10;
thread_local std::array<char, kReadBytes> read_buffer;

long milliseconds(std::chrono::seconds seconds) {
  return static_cast<long>(std::chrono::milliseconds(seconds).count());
}

}  // namespace

Connection::Connection(boost::asio::io_context& lane, const EndpointOptions& endpoint, const Origin& origin,
                       CURLSH* share, CURLM* multi, Sink& sink)
    : lane_(lane), endpoint_(endpoint), origin_(origin), multi_(multi), sink_(sink), curl_(curl_easy_init()) {
  if (curl_ == nullptr) throw std::bad_alloc();
  set_options(share);
}

Connection::~Connection() {
  close();
  curl_easy_cleanup(curl_);
}

Connection& Connection::of(CURL* curl) {
  Connection* connection = nullptr;
  curl_easy_getinfo(curl, CURLINFO_PRIVATE, &connection);
  assert(connection != nullptr);
  return *connection;
}

template <typename Value>
void Connection::set(CURLoption option, Value value) {
  // Invariant: every option below exists in the libcurl that we are built with; what else fails is memory.
  if (curl_easy_setopt(curl_, option, value) != CURLE_OK) throw std::bad_alloc();
}

void Connection::set_options(CURLSH* share) {
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  set(CURLOPT_SHARE, share);
  set(CURLOPT_ERRORBUFFER, error_text_.data());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECT_ONLY, 1L);
  set(CURLOPT_URL, origin_.url.c_str());
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_PROXY, endpoint_.proxy.c_str());
  set(CURLOPT_NOPROXY, endpoint_.proxy.empty() ? "*" : "");
  // We speak to the teacher itself, so a proxy has to pass bytes through, in clear as under TLS.
  set(CURLOPT_HTTPPROXYTUNNEL, endpoint_.proxy.empty() ? 0L : 1L);
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!endpoint_.ca_file.empty()) {
    set(CURLOPT_CAINFO, endpoint_.ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
  set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(endpoint_.connect_timeout));
  set(CURLOPT_BUFFERSIZE, static_cast<long>(kReadBytes));
  // libcurl counts a connection's age from its last use of its own, of which there is none: we count it.
  set(CURLOPT_MAXAGE_CONN, 10L * 365 * 24 * 3600);
  set(CURLOPT_CLOSESOCKETFUNCTION, &Connection::on_close_socket);
  set(CURLOPT_CLOSESOCKETDATA, static_cast<void*>(this));
}

CURLMcode Connection::open() {
  assert(state_ == State::kSpare);
  state_ = State::kConnecting;
  used_ = false;
  error_text_[0] = '\0';
  const CURLMcode code = curl_multi_add_handle(multi_, curl_);
  if (code != CURLM_OK) state_ = State::kSpare;
  return code;
}

void Connection::on_connected(std::chrono::nanoseconds now) {
  assert(state_ == State::kConnecting);
  curl_socket_t descriptor = CURL_SOCKET_BAD;
  curl_easy_getinfo(curl_, CURLINFO_ACTIVESOCKET, &descriptor);
  assert(descriptor != CURL_SOCKET_BAD);
  socket_ = descriptor;
  state_ = State::kIdle;
  since_ = now;
  watch_ = std::make_shared<SocketWatch>(lane_, socket_, *this);
  watch_->want(CURL_POLL_IN);
}

std::string Connection::on_failed(CURLcode code) {
  std::string text = error_text_[0] != '\0' ? error_text_.data() : curl_easy_strerror(code);
  close();
  return text;
}

void Connection::close() {
  detach();
  transfer_.reset();
  wire_ = {};
  // Closes the socket, through on_close_socket.
  if (std::exchange(state_, State::kSpare) != State::kSpare) curl_multi_remove_handle(multi_, curl_);
}

void Connection::detach() {
  if (watch_ != nullptr) std::exchange(watch_, nullptr)->close();
  socket_ = -1;
}

int Connection::on_close_socket(void* self, curl_socket_t descriptor) {
  Connection& connection = *static_cast<Connection*>(self);
  // libcurl looks after kept connections when it makes new ones, and closes those whose server has left.
  if (descriptor == connection.socket_) connection.detach();
  return ::close(descriptor);
}

void Connection::begin(TransferPtr transfer) {
  assert(state_ == State::kIdle);
  state_ = State::kBusy;
  transfer_ = std::move(transfer);
  sent_ = false;
  const int64_t bytes_max = transfer_->request.response_bytes_max;
  reader_.begin(transfer_->exchange, bytes_max > 0 ? bytes_max : endpoint_.body_bytes_max);
  wire_ = transfer_->head->with_body(transfer_->request.body);
  transfer_
      ->request = {};  // ten thousand wait for their answers: each holds its request once, and only until it is sent
  written_ = 0;
  write();
}

void Connection::write() {
  while (written_ < wire_.size()) {
    const char* const from = wire_.data() + written_;
    const size_t size = wire_.size() - written_;
    size_t taken = 0;
    if (origin_.tls) {
      const CURLcode code = curl_easy_send(curl_, from, size, &taken);
      // A record that failed may have gone out in part.
      sent_ |= taken > 0 || (code != CURLE_OK && code != CURLE_AGAIN);
      if (code == CURLE_AGAIN) return watch_->want(CURL_POLL_INOUT);
      if (code != CURLE_OK) return finish(WireError::kReset, curl_easy_strerror(code));
    } else {
      const ssize_t result = ::send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (result < 0 && errno == EINTR) continue;
      if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return watch_->want(CURL_POLL_INOUT);
      if (result < 0) return finish(WireError::kReset, "the connection broke while the request was sent");
      taken = static_cast<size_t>(result);
      sent_ = true;
    }
    written_ += taken;
  }
  wire_ = {};
  watch_->want(CURL_POLL_IN);
}

void Connection::on_ready(int, int events) {
  if (state_ == State::kIdle) {
    if (alive()) return;
    close();
    return sink_.on_gone(*this);
  }
  if (state_ != State::kBusy) return;
  if (events == CURL_CSELECT_OUT) return write();
  read();
}

Connection::Received Connection::receive() {
  if (socket_ < 0) return {Received::Kind::kClosed, {}};
  if (origin_.tls) {
    size_t taken = 0;
    const CURLcode code = curl_easy_recv(curl_, read_buffer.data(), read_buffer.size(), &taken);
    if (code == CURLE_AGAIN) return {Received::Kind::kNothingYet, {}};
    if (code != CURLE_OK || taken == 0) return {Received::Kind::kClosed, {}};
    return {Received::Kind::kBytes, {read_buffer.data(), taken}};
  }
  for (;;) {
    const ssize_t taken = ::recv(socket_, read_buffer.data(), read_buffer.size(), MSG_DONTWAIT);
    if (taken > 0) return {Received::Kind::kBytes, {read_buffer.data(), static_cast<size_t>(taken)}};
    if (taken < 0 && errno == EINTR) continue;
    const bool nothing_yet = taken < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    return {nothing_yet ? Received::Kind::kNothingYet : Received::Kind::kClosed, {}};
  }
}

bool Connection::alive() {
  return receive().kind == Received::Kind::kNothingYet;
}

void Connection::read() {
  for (;;) {
    const Received received = receive();
    if (received.kind == Received::Kind::kNothingYet) return;
    const bool closed = received.kind == Received::Kind::kClosed;
    if (!closed && !reader_.started()) transfer_->exchange.first_byte = steady_now() - transfer_->begun_at;
    const Progress progress = closed ? reader_.close() : reader_.feed(received.bytes);
    if (transfer_->streamed) note_mark();
    switch (progress) {
      case Progress::kMore:
        continue;
      case Progress::kWhole:
        return finish(WireError::kNone, "");
      case Progress::kTooLarge:
        return finish(WireError::kTooLarge, "the response is larger than allowed");
      case Progress::kGarbled:
        if (!closed) return finish(WireError::kReset, "what came is no HTTP response");
        // The server left a kept connection as the request came. libcurl would send it anew: paid twice, unseen.
        if (used_ && !reader_.started())
          return finish(WireError::kResendBlocked, "the connection died before an answer; not sent again");
        return finish(WireError::kReset, "the connection was closed before the response was whole");
    }
  }
}

void Connection::note_mark() {
  HttpExchange& exchange = transfer_->exchange;
  transfer_->heard_at = steady_now();
  if (exchange.marks.size() < HttpExchange::kMarksMax && !exchange.body.empty())
    exchange.marks.push_back({.body_bytes = exchange.body.size(), .at = transfer_->heard_at - transfer_->begun_at});
}

TransferPtr Connection::give_up(WireError error, std::string text) {
  assert(state_ == State::kBusy);
  TransferPtr transfer = std::move(transfer_);
  HttpExchange& exchange = transfer->exchange;
  exchange.error = error;
  exchange.error_text = std::move(text);
  exchange.sent = sent_;
  exchange.duration = steady_now() - transfer->begun_at;
  redact(exchange, transfer->credential->header.second);
  close();
  return transfer;
}

void Connection::finish(WireError error, std::string text) {
  TransferPtr transfer = std::move(transfer_);
  HttpExchange& exchange = transfer->exchange;
  exchange.error = error == WireError::kReset && !sent_ ? WireError::kNotConnected : error;
  exchange.error_text = std::move(text);
  exchange.sent = sent_;
  const std::chrono::nanoseconds now = steady_now();
  exchange.duration = now - transfer->begun_at;
  if (error != WireError::kNone || exchange.status != 200) redact(exchange, transfer->credential->header.second);
  if (error == WireError::kNone && reader_.reusable() && wire_.empty()) {
    state_ = State::kIdle;
    since_ = now;
    used_ = true;
  } else {
    close();
  }
  sink_.on_ended(*this, std::move(transfer));
}

}  // namespace harvest::transport

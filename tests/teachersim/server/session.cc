#include "tests/teachersim/server/session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <cassert>
#include <string_view>
#include <type_traits>

#include "tests/teachersim/server/http_response.h"

namespace teachersim {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

using ClearStream = tcp::socket;
using TlsStream = asio::ssl::stream<tcp::socket>;

constexpr std::size_t kReadSize = 4096;  // holds a usual request; times 15,000 connections it must stay small

template <class Stream>
class StreamSession : public Session, public std::enable_shared_from_this<StreamSession<Stream>> {
 public:
  StreamSession(Stream stream, int endpoint, Handler& handler)
      : stream_(std::move(stream)), handler_(handler), endpoint_(endpoint) {}

  void start() override {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      auto self = this->shared_from_this();
      stream_.async_handshake(asio::ssl::stream_base::server, [self](const error_code& error) {
        if (!error) self->read();
      });
    } else {
      read();
    }
  }

  void deliver(const Delivery& delivery) override {
    switch (delivery.manner) {
      case Manner::kReset:
        return reset();
      case Manner::kVanish:
        return close();
      case Manner::kStall:
        return watch_for_end();
      case Manner::kWhole:
      case Manner::kResetMidway:
      case Manner::kTruncate:
        break;
    }
    out_ = http_response(delivery.reply, delivery.request_id, keep_alive_);
    after_ = delivery.manner;
    // The head and a part of the body: a client must not mistake it for a whole answer.
    if (after_ != Manner::kWhole) out_.resize(out_.size() - delivery.reply.body.size() / 2 - 1);
    send();
  }

  void close() override {
    error_code ignored;  // the peer may be gone already; closing is all that is left to do either way
    socket().shutdown(tcp::socket::shutdown_both, ignored);
    socket().close(ignored);
  }

  int endpoint() const override { return endpoint_; }

 private:
  tcp::socket& socket() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  void read() {
    filled_ = in_.size();
    in_.resize(std::max(needed_, filled_ + kReadSize));
    auto self = this->shared_from_this();
    stream_.async_read_some(asio::buffer(in_.data() + filled_, in_.size() - filled_),
                            [self](const error_code& error, std::size_t bytes) { self->on_read(error, bytes); });
  }

  void on_read(const error_code& error, std::size_t bytes) {
    if (error) return close();
    in_.resize(filled_ + bytes);
    next_request();
  }

  /// Takes the next request out of the buffer, or reads on.
  void next_request() {
    if (in_.empty() || in_.size() < needed_) return read();
    HttpRequest request;
    const ParsedHttp parsed = parse_http(in_, request);
    switch (parsed.state) {
      case ParsedHttp::State::kBad: {
        keep_alive_ = false;
        Reply refusal{.status = parsed.status, .content_type = "text/plain", .body = "bad request\n"};
        return deliver(Delivery{.reply = std::move(refusal)});
      }
      case ParsedHttp::State::kMore:
        needed_ = parsed.needed;
        if (request.expects_continue && parsed.head_complete && !continued_) return send_continue();
        return read();
      case ParsedHttp::State::kComplete:
        break;
    }
    keep_alive_ = request.keep_alive;
    continued_ = false;
    handler_.handle(this->shared_from_this(), request);
    in_.erase(0, parsed.consumed);
    needed_ = 0;
  }

  void send_continue() {
    continued_ = true;
    auto self = this->shared_from_this();
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(kContinue), [self](const error_code& error, std::size_t) {
      if (error) return self->close();
      self->read();
    });
  }

  void send() {
    auto self = this->shared_from_this();
    asio::async_write(stream_, asio::buffer(out_),
                      [self](const error_code& error, std::size_t) { self->on_sent(error); });
  }

  void on_sent(const error_code& error) {
    out_.clear();
    if (after_ == Manner::kResetMidway) return reset();
    if (error || after_ != Manner::kWhole || !keep_alive_) return close();
    next_request();
  }

  /// A close with linger zero sends RST instead of FIN.
  void reset() {
    error_code ignored;
    socket().set_option(asio::socket_base::linger(true, 0), ignored);
    socket().close(ignored);
  }

  /// Nothing will be answered; but when the client gives up, its descriptor is returned at once.
  void watch_for_end() {
    auto self = this->shared_from_this();
    socket().async_wait(tcp::socket::wait_read, [self](const error_code&) { self->close(); });
  }

  Stream stream_;
  Handler& handler_;
  const int endpoint_;
  std::string in_;          // received and not yet handled
  std::size_t filled_ = 0;  // bytes of in_ that hold data while a read is pending
  std::size_t needed_ = 0;  // no request is complete below this size
  std::string out_;         // being sent
  Manner after_ = Manner::kWhole;
  bool keep_alive_ = true;
  bool continued_ = false;
};

}  // namespace

std::shared_ptr<Session> make_session(tcp::socket socket, asio::ssl::context* tls, int endpoint, Handler& handler) {
  if (tls == nullptr) return std::make_shared<StreamSession<ClearStream>>(std::move(socket), endpoint, handler);
  return std::make_shared<StreamSession<TlsStream>>(TlsStream(std::move(socket), *tls), endpoint, handler);
}

}  // namespace teachersim

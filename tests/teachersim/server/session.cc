#include "tests/teachersim/server/session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <string_view>
#include <type_traits>

#include "tests/teachersim/server/feed.h"

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

  void deliver(Delivery delivery) override {
    switch (delivery.manner) {
      case Manner::kReset:
        return reset();
      case Manner::kVanish:
        return close();
      case Manner::kStall:
        if (delivery.reply.events.empty()) return watch_for_end();
        break;
      case Manner::kWhole:
      case Manner::kResetMidway:
      case Manner::kTruncate:
        break;
    }
    feed_ = Feed(std::move(delivery), keep_alive_);
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
    out_ = feed_.next();
    auto self = this->shared_from_this();
    asio::async_write(stream_, asio::buffer(out_),
                      [self](const error_code& error, std::size_t) { self->on_sent(error); });
  }

  void on_sent(const error_code& error) {
    out_.clear();
    if (error) return feed_.manner() == Manner::kResetMidway ? reset() : close();
    if (!feed_.done()) return pause();
    switch (feed_.manner()) {
      case Manner::kResetMidway:
        return reset();
      case Manner::kStall:
        return watch_for_end();
      case Manner::kWhole:
        if (keep_alive_) return next_request();
        [[fallthrough]];
      default:
        return close();
    }
  }

  /// Between two events of a stream.
  void pause() {
    if (!pause_) pause_.emplace(socket().get_executor());
    pause_->expires_after(feed_.gap());
    auto self = this->shared_from_this();
    pause_->async_wait([self](const error_code&) { self->send(); });
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
  Feed feed_;               // what is delivered
  std::string out_;         // the part of it that is being sent
  std::optional<asio::steady_timer> pause_;
  bool keep_alive_ = true;
  bool continued_ = false;
};

}  // namespace

std::shared_ptr<Session> make_session(tcp::socket socket, asio::ssl::context* tls, int endpoint, Handler& handler) {
  if (tls == nullptr) return std::make_shared<StreamSession<ClearStream>>(std::move(socket), endpoint, handler);
  return std::make_shared<StreamSession<TlsStream>>(TlsStream(std::move(socket), *tls), endpoint, handler);
}

}  // namespace teachersim

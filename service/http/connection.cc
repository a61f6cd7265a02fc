// The one translation unit that includes Boost.Beast: it costs every file that does seconds of compiling.
#include "service/http/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <ctime>
#include <optional>
#include <span>
#include <vector>

#include "service/http/answers.h"
#include "service/http/face_stream.h"

namespace harvest::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using Error = boost::system::error_code;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t kHeaderBytesMax = 16 * 1024;
constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr uint64_t kSendFileBytes = 1 << 20;  // then the others have their turn
constexpr std::chrono::milliseconds kGoodbyeTime{200};
constexpr int kDiscardsMax = 64;  // reads of 4 KiB after the last answer

/// RFC 9110's date of now.
std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return std::string(text.data(), length);
}

/// The parser's own errors: what came is no request. A peer that went away is none of them.
bool is_malformed(const Error& error) {
  static const auto& parser_category = beast::http::make_error_code(beast::http::error::bad_method).category();
  return error.category() == parser_category && error != beast::http::error::end_of_stream &&
         error != beast::http::error::partial_message;
}

}  // namespace

struct Connection::Wire {
  Wire(tcp::socket socket, asio::ssl::context* tls) : stream(std::move(socket), tls) {}
  FaceStream stream;
  beast::tcp_stream& tcp_stream = stream.tcp();
  beast::flat_buffer buffer{kHeaderBytesMax + 4096};
  asio::steady_timer again{stream.get_executor()};     // a request waits for something new
  asio::steady_timer patience{stream.get_executor()};  // with a client that takes nothing
};

Connection::Connection(tcp::socket socket, asio::ssl::context* tls, const Routes& routes, const HttpOptions& options,
                       std::function<void(Connection&)> gone)
    : routes_(routes),
      options_(options),
      gone_(std::move(gone)),
      wire_(std::make_shared<Wire>(std::move(socket), tls)) {}

Connection::~Connection() {
  gone_(*this);
}

asio::awaitable<void> Connection::serve(std::shared_ptr<Connection> self) {
  const bool met = co_await self->shake_hands();
  if (!met) co_return;
  co_await self->serve_requests();
  co_await self->linger();
}

void Connection::finish() {
  finishing_ = true;
  if (idle_) wire_->tcp_stream.cancel();
  look_again();
}

void Connection::look_again() {
  wire_->again.cancel();
}

asio::awaitable<bool> Connection::shake_hands() {
  if (!wire_->stream.is_secure()) co_return true;
  wire_->tcp_stream.expires_after(options_.header_time);
  const auto [error] = co_await wire_->stream.secure().async_handshake(asio::ssl::stream_base::server, kAwait);
  co_return !error;
}

asio::awaitable<void> Connection::serve_requests() {
  while (!finishing_) {
    idle_ = true;
    if (wire_->buffer.size() == 0) {  // else the next request has come with the last
      wire_->tcp_stream.expires_after(options_.idle_time);
      const auto space = wire_->buffer.prepare(4096);
      const auto [error, got] = co_await wire_->stream.async_read_some(space, kAwait);
      if (error) co_return;
      wire_->buffer.commit(got);
    }
    idle_ = false;
    // The whole header by then, however slowly it drips.
    wire_->tcp_stream.expires_after(options_.header_time);
    beast::http::request_parser<beast::http::empty_body> parser;
    parser.header_limit(kHeaderBytesMax);
    const auto [error, read] = co_await beast::http::async_read_header(wire_->stream, wire_->buffer, parser, kAwait);
    const auto& header = parser.get();
    const auto field = [&header](beast::http::field name) { return std::string(header[name]); };
    if (is_malformed(error)) {
      const Request nothing;
      Response response = error == beast::http::error::header_limit ? problem(431, "the header is larger than 16 KiB")
                                                                    : problem(400, "this is no HTTP request");
      co_await send(nothing, std::move(response), false, 11);
      break;
    }
    if (error) co_return;  // gone, or too slow
    Request request{.method = std::string(header.method_string()),
                    .target = std::string(header.target()),
                    .host = field(beast::http::field::host),
                    .range = field(beast::http::field::range),
                    .if_range = field(beast::http::field::if_range),
                    .if_match = field(beast::http::field::if_match),
                    .if_none_match = field(beast::http::field::if_none_match),
                    .authorization = field(beast::http::field::authorization)};
    // A body is never read: its connection ends with the answer.
    const bool has_body = header.has_content_length() ? field(beast::http::field::content_length) != "0"
                                                      : header.count(beast::http::field::transfer_encoding) > 0;
    const bool keep_alive = header.keep_alive() && !has_body;
    Response response;
    if (header.count(beast::http::field::host) > 1)
      response = problem(400, "the request names several Hosts");
    else if (header.count(beast::http::field::authorization) > 1)
      response = problem(400, "the request bears several authorizations");
    else
      response = co_await answer(request);
    const bool sent = co_await send(request, std::move(response), keep_alive, header.version());
    if (!sent || !keep_alive) break;
  }
}

// No thread waits: the lane goes on with the others. A client that went away meanwhile is noticed at the end of the
// wait.
asio::awaitable<Response> Connection::answer(const Request& request) {
  Response response = routes_.answer(request);
  const auto until = std::chrono::steady_clock::now() + response.wait.value_or(std::chrono::seconds(0));
  while (response.wait && !finishing_ && std::chrono::steady_clock::now() < until) {
    wire_->again.expires_at(until);
    co_await wire_->again.async_wait(kAwait);
    response = routes_.answer(request);
  }
  co_return response;
}

// Closing over unread bytes resets the connection, and the peer would lose the answer: so they are read, within bounds.
asio::awaitable<void> Connection::linger() {
  Error ignored;  // the peer may have closed first
  if (wire_->stream.is_secure()) {
    // A client that is slow to say goodbye does not hold up the end.
    wire_->tcp_stream.expires_after(finishing_ ? std::min(options_.header_time, kGoodbyeTime) : options_.header_time);
    co_await wire_->stream.secure().async_shutdown(kAwait);
  }
  wire_->tcp_stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  idle_ = true;
  wire_->tcp_stream.expires_after(options_.header_time);
  for (int i = 0; i < kDiscardsMax && !finishing_; ++i) {
    wire_->buffer.clear();
    const auto space = wire_->buffer.prepare(4096);
    const auto [error, got] = co_await wire_->tcp_stream.async_read_some(space, kAwait);
    if (error) break;
  }
}

asio::awaitable<bool> Connection::send(const Request& request, Response response, bool keep_alive, unsigned version) {
  std::optional<OpenFile> file;
  if (const FileSlice* slice = std::get_if<FileSlice>(&response.body)) {
    // Opened for HEAD too: it must not promise what GET cannot keep.
    absl::StatusOr<OpenFile> opened = OpenFile::open(slice->path, slice->file_bytes);
    if (opened.ok()) {
      file.emplace(*std::move(opened));
    } else {
      const bool send_body = response.send_body;
      response = routes_.unavailable(request.target, opened.status());
      response.send_body = send_body;
    }
  }
  beast::http::response<beast::http::empty_body> head;
  head.version(version);
  head.result(static_cast<unsigned>(response.status));
  head.set(beast::http::field::server, "harvestd");
  head.set(beast::http::field::date, http_date());
  for (const auto& [name, value] : response.headers) head.insert(name, value);
  if (response.status != 304 && response.status != 204)
    head.set(beast::http::field::content_length, std::to_string(response.length));
  head.keep_alive(keep_alive && !finishing_);
  beast::http::response_serializer<beast::http::empty_body> serializer{head};
  wire_->tcp_stream.expires_after(options_.idle_time);
  const auto [error, written] = co_await beast::http::async_write_header(wire_->stream, serializer, kAwait);
  if (error) co_return false;
  if (!response.send_body) co_return true;
  uint64_t sent = 0;
  if (file)
    sent = co_await send_file(*file, std::get<FileSlice>(response.body));
  else
    sent = co_await send_text(std::get<std::string>(response.body));
  routes_.tell_sent(response, sent);
  co_return sent == response.length;
}

// A slow reader costs one piece of memory, and is cut when it takes longer than the idle time for it.
asio::awaitable<uint64_t> Connection::send_text(const std::string& text) {
  uint64_t at = 0;
  while (at < text.size()) {
    const auto piece = asio::buffer(text.data() + at, std::min<uint64_t>(kPieceBytes, text.size() - at));
    wire_->tcp_stream.expires_after(options_.idle_time);
    const auto [failed, sent] = co_await asio::async_write(wire_->stream, piece, kAwait);
    at += sent;
    if (failed) break;
  }
  co_return at;
}

// In the clear the kernel sends it from its own cache: no byte passes through here.
asio::awaitable<uint64_t> Connection::send_file(const OpenFile& file, FileSlice slice) {
  if (wire_->stream.is_secure()) co_return co_await send_pieces(file, slice);
  const uint64_t end = slice.first + slice.length, begin = slice.first;
  const int socket = wire_->tcp_stream.socket().native_handle();
  Error ignored;
  wire_->tcp_stream.socket().native_non_blocking(true, ignored);
  for (uint64_t at = begin;;) {
    if (at == end) co_return at - begin;
    const absl::StatusOr<uint64_t> sent = file.send_some(socket, at, std::min(kSendFileBytes, end - at));
    if (absl::IsUnavailable(sent.status())) co_return at - begin;  // the client is gone
    if (!sent.ok()) {  // too late for a 503: the missing bytes tell the client
      routes_.unavailable(slice.path, sent.status());
      co_return at - begin;
    }
    at += *sent;
    if (*sent > 0) {
      co_await asio::post(wire_->stream.get_executor(), asio::use_awaitable);
      continue;
    }
    const bool writable = co_await wait_writable();
    if (!writable) co_return at - begin;
  }
}

asio::awaitable<bool> Connection::wait_writable() {
  wire_->patience.expires_after(options_.idle_time);
  wire_->patience.async_wait([wire = wire_](const Error& error) {
    Error ignored;  // closed already
    if (!error) wire->tcp_stream.socket().cancel(ignored);
  });
  const auto [error] = co_await wire_->tcp_stream.socket().async_wait(tcp::socket::wait_write, kAwait);
  wire_->patience.cancel();
  co_return !error;
}

asio::awaitable<uint64_t> Connection::send_pieces(const OpenFile& file, FileSlice slice) {
  std::vector<char> piece(std::min<uint64_t>(kPieceBytes, slice.length));
  const uint64_t begin = slice.first;
  while (slice.length > 0) {
    const std::size_t size = std::min<uint64_t>(piece.size(), slice.length);
    const absl::Status read = file.read(slice.first, std::span(piece.data(), size));
    if (!read.ok()) {
      routes_.unavailable(slice.path, read);
      break;
    }
    wire_->tcp_stream.expires_after(options_.idle_time);
    const auto [error, sent] = co_await asio::async_write(wire_->stream, asio::buffer(piece.data(), size), kAwait);
    slice.first += sent;
    slice.length -= sent;
    if (error) break;
  }
  co_return slice.first - begin;
}

}  // namespace harvest::http

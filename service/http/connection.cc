// The one translation unit that includes Boost.Beast: it costs every file that does seconds of compiling.
#include "service/http/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <ctime>
#include <optional>
#include <span>
#include <vector>

#include "service/http/answers.h"

namespace harvest::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using Error = boost::system::error_code;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t kHeaderBytesMax = 16 * 1024;
constexpr std::size_t kPieceBytes = 64 * 1024;
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
  explicit Wire(tcp::socket socket) : stream(std::move(socket)) {}
  beast::tcp_stream stream;
  beast::flat_buffer buffer{kHeaderBytesMax + 4096};
};

Connection::Connection(tcp::socket socket, const Routes& routes, const HttpOptions& options,
                       std::function<void(Connection&)> gone)
    : routes_(routes), options_(options), gone_(std::move(gone)), wire_(std::make_unique<Wire>(std::move(socket))) {}

Connection::~Connection() {
  gone_(*this);
}

asio::awaitable<void> Connection::serve(std::shared_ptr<Connection> self) {
  co_await self->serve_requests();
  co_await self->linger();
}

void Connection::finish() {
  finishing_ = true;
  if (idle_) wire_->stream.cancel();
}

asio::awaitable<void> Connection::serve_requests() {
  while (!finishing_) {
    idle_ = true;
    if (wire_->buffer.size() == 0) {  // else the next request has come with the last
      wire_->stream.expires_after(options_.idle_time);
      const auto space = wire_->buffer.prepare(4096);
      const auto [error, got] = co_await wire_->stream.async_read_some(space, kAwait);
      if (error) co_return;
      wire_->buffer.commit(got);
    }
    idle_ = false;
    // The whole header by then, however slowly it drips.
    wire_->stream.expires_after(options_.header_time);
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
                    .if_none_match = field(beast::http::field::if_none_match)};
    // A body is never read: its connection ends with the answer.
    const bool has_body = header.has_content_length() ? field(beast::http::field::content_length) != "0"
                                                      : header.count(beast::http::field::transfer_encoding) > 0;
    const bool keep_alive = header.keep_alive() && !has_body;
    Response response = header.count(beast::http::field::host) > 1 ? problem(400, "the request names several Hosts")
                                                                   : routes_.answer(request);
    const bool sent = co_await send(request, std::move(response), keep_alive, header.version());
    if (!sent || !keep_alive) break;
  }
}

// Closing over unread bytes resets the connection, and the peer would lose the answer: so they are read, within bounds.
asio::awaitable<void> Connection::linger() {
  Error ignored;  // the peer may have closed first
  wire_->stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  idle_ = true;
  wire_->stream.expires_after(options_.header_time);
  for (int i = 0; i < kDiscardsMax && !finishing_; ++i) {
    wire_->buffer.clear();
    const auto space = wire_->buffer.prepare(4096);
    const auto [error, got] = co_await wire_->stream.async_read_some(space, kAwait);
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
  if (response.status != 304) head.set(beast::http::field::content_length, std::to_string(response.length));
  head.keep_alive(keep_alive && !finishing_);
  beast::http::response_serializer<beast::http::empty_body> serializer{head};
  wire_->stream.expires_after(options_.idle_time);
  const auto [error, written] = co_await beast::http::async_write_header(wire_->stream, serializer, kAwait);
  if (error) co_return false;
  if (!response.send_body) co_return true;
  if (file) {
    const FileSlice slice = std::get<FileSlice>(response.body);
    co_return co_await send_file(*file, slice);
  }
  co_return co_await send_text(std::get<std::string>(response.body));
}

// A slow reader costs one piece of memory, and is cut when it takes longer than the idle time for it.
asio::awaitable<bool> Connection::send_text(const std::string& text) {
  for (std::size_t at = 0; at < text.size(); at += kPieceBytes) {
    const auto piece = asio::buffer(text.data() + at, std::min(kPieceBytes, text.size() - at));
    wire_->stream.expires_after(options_.idle_time);
    const auto [failed, sent] = co_await asio::async_write(wire_->stream, piece, kAwait);
    if (failed) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> Connection::send_file(const OpenFile& file, FileSlice slice) {
  std::vector<char> piece(std::min<uint64_t>(kPieceBytes, slice.length));
  while (slice.length > 0) {
    const std::size_t size = std::min<uint64_t>(piece.size(), slice.length);
    const absl::Status read = file.read(slice.first, std::span(piece.data(), size));
    if (!read.ok()) {  // too late for a 503: the missing bytes tell the client
      routes_.unavailable(slice.path, read);
      co_return false;
    }
    wire_->stream.expires_after(options_.idle_time);
    const auto bytes = asio::buffer(piece.data(), size);
    const auto [error, sent] = co_await asio::async_write(wire_->stream, bytes, kAwait);
    if (error) co_return false;
    slice.first += size;
    slice.length -= size;
  }
  co_return true;
}

}  // namespace harvest::http

#include "service/transport/response_reader.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>
#include <utility>

namespace harvest::transport {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

/// An announced length is believed up to here; beyond it the body grows as it comes.
constexpr uint64_t kReserveMax = 1 << 20;
/// Room behind the body that the JSON parser wants, so that it need not move it.
constexpr uint64_t kPadding = 64;
constexpr int kInterimMax = 16;
constexpr int kSwitchingProtocols = 101;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Beast's grammar, writing straight into the exchange.
class Message final : public http::basic_parser<false> {
 public:
  Message(dialect::HttpExchange& exchange, int64_t body_bytes_max, uint64_t bytes_expected)
      : exchange_(exchange), bytes_expected_(bytes_expected) {
    eager(true);
    header_limit(ResponseReader::kHeaderBytesMax);
    body_limit(static_cast<uint64_t>(body_bytes_max));
  }

 private:
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int status, string_view, int, error_code&) override {
    exchange_.status = status;
    exchange_.headers.clear();
    exchange_.headers.reserve(16);
  }
  void on_field_impl(http::field, string_view name, string_view value, error_code& error) override {
    if (exchange_.headers.size() >= ResponseReader::kHeadersMax) {
      error = http::error::header_limit;
      return;
    }
    std::string key(name.data(), name.size());
    std::transform(key.begin(), key.end(), key.begin(), lower);
    exchange_.headers.emplace_back(std::move(key), std::string(value.data(), value.size()));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<uint64_t>& length, error_code&) override {
    exchange_.body.reserve(std::min(length.value_or(bytes_expected_), kReserveMax) + kPadding);
  }
  size_t on_body_impl(string_view bytes, error_code&) override {
    exchange_.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(uint64_t, string_view, error_code&) override {}
  size_t on_chunk_body_impl(uint64_t, string_view bytes, error_code&) override {
    exchange_.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}

  dialect::HttpExchange& exchange_;
  const uint64_t bytes_expected_;
};

}  // namespace

class ResponseReader::Parser {
 public:
  std::optional<Message> message;
};

ResponseReader::ResponseReader() : parser_(std::make_unique<Parser>()) {}
ResponseReader::~ResponseReader() = default;

void ResponseReader::begin(dialect::HttpExchange& exchange, int64_t body_bytes_max) {
  exchange_ = &exchange;
  body_bytes_max_ = body_bytes_max;
  parser_->message.emplace(exchange, body_bytes_max, bytes_expected_);
  unread_.clear();
  interim_ = 0;
  started_ = reusable_ = false;
}

ResponseReader::Progress ResponseReader::feed(std::string_view bytes) {
  started_ |= !bytes.empty();
  if (unread_.empty()) {
    const Progress progress = parse(bytes);
    if (progress == Progress::kMore) unread_.assign(bytes);
    return progress;
  }
  unread_.append(bytes);
  std::string_view rest = unread_;
  const Progress progress = parse(rest);
  unread_.erase(0, unread_.size() - rest.size());
  return progress;
}

/// Takes what it can from the front of `bytes`.
ResponseReader::Progress ResponseReader::parse(std::string_view& bytes) {
  while (!bytes.empty()) {
    Message& message = *parser_->message;
    error_code error;
    const size_t taken = message.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    bytes.remove_prefix(taken);
    if (error == http::error::header_limit || error == http::error::body_limit) return Progress::kTooLarge;
    if (error && error != http::error::need_more) return Progress::kGarbled;
    if (message.is_done()) {
      if (exchange_->status >= 200) {
        reusable_ = message.keep_alive() && bytes.empty();
        // Answers of one endpoint are often alike; an eighth more, so that most need not grow.
        if (message.chunked()) bytes_expected_ = exchange_->body.size() + exchange_->body.size() / 8;
        return Progress::kWhole;
      }
      if (exchange_->status == kSwitchingProtocols || ++interim_ > kInterimMax) return Progress::kGarbled;
      exchange_->headers.clear();
      parser_->message.emplace(*exchange_, body_bytes_max_, bytes_expected_);
    } else if (error || taken == 0) {
      return Progress::kMore;
    }
  }
  return Progress::kMore;
}

ResponseReader::Progress ResponseReader::close() {
  error_code error;
  if (parser_->message->got_some()) parser_->message->put_eof(error);
  return !error && parser_->message->is_done() && exchange_->status >= 200 ? Progress::kWhole : Progress::kGarbled;
}

}  // namespace harvest::transport

#pragma once

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <optional>
#include <utility>

namespace harvest::http {

/// One client's bytes, in the clear or through TLS: to Asio and Beast a stream like any other. Beast's, hence included
/// by connection.cc alone.
class FaceStream {
 public:
  using executor_type = boost::beast::tcp_stream::executor_type;

  /// `tls`: outlives the stream; none: in the clear.
  FaceStream(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls) : tcp_(std::move(socket)) {
    if (tls != nullptr) secure_.emplace(tcp_, *tls);
  }

  executor_type get_executor() { return tcp_.get_executor(); }
  /// Its time-outs hold for what goes through TLS too.
  boost::beast::tcp_stream& tcp() { return tcp_; }
  bool is_secure() const { return secure_.has_value(); }
  boost::asio::ssl::stream<boost::beast::tcp_stream&>& secure() { return *secure_; }

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return secure_ ? secure_->async_read_some(buffers, std::forward<Token>(token))
                   : tcp_.async_read_some(buffers, std::forward<Token>(token));
  }
  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return secure_ ? secure_->async_write_some(buffers, std::forward<Token>(token))
                   : tcp_.async_write_some(buffers, std::forward<Token>(token));
  }

 private:
  boost::beast::tcp_stream tcp_;
  std::optional<boost::asio::ssl::stream<boost::beast::tcp_stream&>> secure_;
};

}  // namespace harvest::http

#include "service/http/listen_address.h"

#include <charconv>

#include "absl/strings/str_cat.h"

namespace harvest::http {

absl::StatusOr<boost::asio::ip::tcp::endpoint> listen_endpoint(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  const std::string port_text = colon == std::string::npos ? "" : listen.substr(colon + 1);
  uint16_t port = 0;
  const char* const port_end = port_text.data() + port_text.size();
  const auto [end, wrong] = std::from_chars(port_text.data(), port_end, port);
  if (port_text.empty() || wrong != std::errc() || end != port_end) {
    return absl::InvalidArgumentError(absl::StrCat("http.listen: '", listen, "' is not host:port"));
  }
  std::string host = listen.substr(0, colon);
  if (host == "localhost") host = "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const boost::asio::ip::address address = boost::asio::ip::make_address(host, error);
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat("http.listen: '", host, "' is no IP address and not localhost"));
  }
  return boost::asio::ip::tcp::endpoint(address, port);
}

}  // namespace harvest::http

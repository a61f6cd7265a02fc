#pragma once

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "service/transport/curl_transport.h"

namespace harvest::testing {

/// A decision lane for tests: sends, and runs the lane until the answers are in.
class ExchangeProbe {
 public:
  explicit ExchangeProbe(size_t lanes = 1) : transport(lane, lanes) {}

  /// An endpoint with short time-outs and a marker for a key.
  transport::EndpointId endpoint(const std::string& url);
  static transport::EndpointOptions options(const std::string& url);

  dialect::HttpExchange ask(transport::EndpointId endpoint, const std::string& path = "",
                            const std::string& body = R"({"model":"m"})");
  void send(transport::EndpointId endpoint, const std::string& path = "", const std::string& body = "{}");
  /// Runs the lane until `count` exchanges have ended since the beginning; at most 60 s.
  bool run_until(size_t count);

  static constexpr char kKey[] = "sk-canary-0123456789abcdef";

  boost::asio::io_context lane;
  std::vector<dialect::HttpExchange> ended;
  transport::CurlTransport transport;  // last: destroyed before the lane that it posts to
};

}  // namespace harvest::testing

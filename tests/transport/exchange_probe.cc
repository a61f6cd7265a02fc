#include "tests/transport/exchange_probe.h"

#include <boost/asio/executor_work_guard.hpp>
#include <catch2/catch.hpp>
#include <chrono>

namespace harvest::testing {

using dialect::HttpExchange;
using dialect::HttpRequest;
using transport::EndpointId;
using transport::EndpointOptions;

EndpointOptions ExchangeProbe::options(const std::string& url) {
  EndpointOptions options;
  options.url = url;
  options.credential.header = {"Authorization", std::string("Bearer ") + kKey};
  options.connect_timeout = std::chrono::seconds(2);
  options.first_byte_timeout = std::chrono::seconds(1);
  options.total_timeout = std::chrono::seconds(3);
  options.body_bytes_max = 1 << 20;
  return options;
}

EndpointId ExchangeProbe::endpoint(const std::string& url) {
  return transport.add_endpoint(options(url));
}

void ExchangeProbe::send(EndpointId endpoint, const std::string& path, const std::string& body) {
  HttpRequest request{
      .path = path, .headers = harvest::dialect::shared_headers({{"Content-Type", "application/json"}}), .body = body};
  transport.send(endpoint, std::move(request), [this](HttpExchange exchange) { ended.push_back(std::move(exchange)); });
}

bool ExchangeProbe::run_until(size_t count) {
  const auto guard = boost::asio::make_work_guard(lane);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  lane.restart();
  while (ended.size() < count && std::chrono::steady_clock::now() < deadline) lane.run_one_until(deadline);
  return ended.size() >= count;
}

HttpExchange ExchangeProbe::ask(EndpointId endpoint, const std::string& path, const std::string& body) {
  const size_t before = ended.size();
  send(endpoint, path, body);
  REQUIRE(run_until(before + 1));
  // Whatever a test provokes: the key is in no text that could be logged.
  CHECK(ended.back().error_text.find(kKey) == std::string::npos);
  return ended.back();
}

}  // namespace harvest::testing

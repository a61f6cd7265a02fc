#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "service/transport/transport.h"

namespace harvest::flow::test {

/// A teacher without a network: each request is answered by a script, on the next turn of the lane, or held until
/// released. Decision lane only, but for what says that any thread may ask.
class FakeTransport final : public transport::Transport {
 public:
  /// `asked`: how many times this body was sent before.
  using Script = std::function<dialect::HttpExchange(const dialect::HttpRequest& request, int asked)>;

  FakeTransport(boost::asio::io_context& lane, Script script) : lane_(lane), script_(std::move(script)) {}

  transport::EndpointId add_endpoint(transport::EndpointOptions options) override {
    urls.push_back(options.url);
    credentials.push_back(options.credential.header.second);
    return static_cast<transport::EndpointId>(urls.size() - 1);
  }

  void set_credential(transport::EndpointId endpoint, dialect::Credential credential) override {
    credentials[endpoint] = std::move(credential.header.second);
  }

  void send(transport::EndpointId endpoint, dialect::HttpRequest request, transport::OnExchange done) override {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back({urls[endpoint], request.body, credentials[endpoint]});
      in_flight_max_ = std::max(in_flight_max_, ++in_flight);
    }
    dialect::HttpExchange exchange = script_(request, asked_[request.body]++);
    exchange.sent = exchange.error != dialect::WireError::kNotConnected;
    // A server tells its gauges however long its answers take.
    if (request.at_root) return hand_over({std::move(exchange), std::move(done)});
    held_.emplace_back(std::move(exchange), std::move(done));
    if (!hold) release();
  }

  void cancel_all() override {
    for (auto& [exchange, done] : held_) exchange = {.error = dialect::WireError::kCancelled, .sent = true};
    release();
  }

  void release() {
    while (!held_.empty()) {
      hand_over(std::move(held_.front()));
      held_.pop_front();
    }
  }

  struct Request {
    std::string url;
    std::string body;
    std::string credential;
  };
  /// Whatever was sent so far, in its order. Any thread.
  std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  void forget_requests() {
    const std::lock_guard lock(mutex_);
    requests_.clear();
  }
  /// Any thread.
  int in_flight_max() const {
    const std::lock_guard lock(mutex_);
    return in_flight_max_;
  }

  bool hold = false;
  int in_flight = 0;
  std::vector<std::string> urls;
  std::vector<std::string> credentials;

 private:
  using Held = std::pair<dialect::HttpExchange, transport::OnExchange>;
  void hand_over(Held held) {
    boost::asio::post(lane_, [this, held = std::move(held)]() mutable {
      --in_flight;
      held.second(std::move(held.first));
    });
  }

  boost::asio::io_context& lane_;
  Script script_;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  int in_flight_max_ = 0;
  std::map<std::string, int> asked_;
  std::deque<Held> held_;
};

inline dialect::HttpExchange answer(const std::string& text, int input_tokens = 10, int output_tokens = 20) {
  return {.status = 200,
          .body = R"({"id":"x","model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant",)"
                  R"("content":")" +
                  text + R"("}}],"usage":{"prompt_tokens":)" + std::to_string(input_tokens) +
                  R"(,"completion_tokens":)" + std::to_string(output_tokens) + "}}"};
}

inline dialect::HttpExchange error(int status, const std::string& code = "") {
  return {.status = status, .body = R"({"error":{"message":"no","type":"t","code":")" + code + R"("}})"};
}

}  // namespace harvest::flow::test

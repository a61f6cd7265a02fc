// CPU per request of CurlTransport (transport lane and decision lane together) against a bare libcurl loop on the same
// server, in alternating rounds; then memory per request in flight. Figures, not verdicts.
//
//     transport_bench [CONCURRENCY=512] [REQUESTS=60000] [ROUNDS=5] [IN_FLIGHT=10000]
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

#include "service/dialect/dialect.h"
#include "service/dialect/registry/registry.h"
#include "service/transport/curl_transport.h"
#include "tests/transport/bare_curl.h"
#include "tests/transport/canned_server.h"

using namespace harvest;

namespace {

double process_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double resident_kilobytes() {
  std::ifstream statm("/proc/self/statm");
  double total = 0, resident = 0;
  statm >> total >> resident;
  return resident * 4;
}

/// Sends `requests` with `concurrency` in flight, from one decision lane that is this thread.
class Run {
 public:
  Run(int port, std::string body) : transport_(lane_, 1), body_(std::move(body)) {
    endpoint_ = transport_.add_endpoint({.url = "http://127.0.0.1:" + std::to_string(port) + "/v1",
                                         .credential = {.header = {"Authorization", "Bearer x"}, .signer = nullptr}});
  }

  double cpu_seconds(size_t concurrency, size_t requests) {
    const auto guard = boost::asio::make_work_guard(lane_);
    begun_ = ended_ = failed_ = 0;
    wanted_ = requests;
    while (begun_ < std::min(concurrency, requests)) send();
    while (ended_ < requests / 10) lane_.run_one();
    const double since = process_cpu_seconds();
    while (ended_ < requests) lane_.run_one();
    if (failed_ > 0) std::printf("%zu failed\n", failed_);
    return process_cpu_seconds() - since;
  }

  /// Resident memory per request while `count` are in flight at a server that waits.
  double kilobytes_in_flight(size_t count) {
    const auto guard = boost::asio::make_work_guard(lane_);
    begun_ = ended_ = failed_ = 0;
    wanted_ = count;
    const double before = resident_kilobytes();
    while (begun_ < count) send();
    lane_.run_for(std::chrono::seconds(5));
    const double during = resident_kilobytes();
    const size_t answered = ended_;
    while (ended_ < count) lane_.run_one();
    std::printf("%zu in flight (%zu had ended when measured, %zu failed)\n", count, answered, failed_);
    return (during - before) / static_cast<double>(count);
  }

 private:
  void send() {
    ++begun_;
    transport_.send(endpoint_, {.path = "/chat/completions", .headers = headers_, .body = body_},
                    [this](dialect::HttpExchange exchange) {
                      ++ended_;
                      failed_ += exchange.status != 200;
                      if (begun_ < wanted_) send();
                    });
  }

  boost::asio::io_context lane_{1};
  transport::CurlTransport transport_;
  std::string body_;
  const dialect::SharedHeaders headers_ =
      dialect::shared_headers({{"Content-Type", "application/json"}, {"Accept", "application/json"}});
  transport::EndpointId endpoint_ = 0;
  size_t begun_ = 0, ended_ = 0, failed_ = 0, wanted_ = 0;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// How long the dialect takes for a 1.5 KB answer with rate-limit headers.
void measure_dialect() {
  dialect::HttpExchange exchange{.sent = true, .status = 200};
  exchange.headers = {{"content-type", "application/json"},      {"x-request-id", "req_1"},
                      {"x-ratelimit-limit-requests", "10000"},   {"x-ratelimit-remaining-requests", "9999"},
                      {"x-ratelimit-reset-requests", "6ms"},     {"x-ratelimit-limit-tokens", "30000"},
                      {"x-ratelimit-remaining-tokens", "29990"}, {"x-ratelimit-reset-tokens", "20ms"}};
  exchange.body = R"({"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":")" +
                  std::string(1300, 'x') +
                  R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}})";
  const dialect::Dialect& dialect = *dialect::find_dialect("openai-chat");
  constexpr int kTimes = 200000;
  size_t choices = 0;
  double since = process_cpu_seconds();
  for (int i = 0; i < kTimes; ++i) choices += dialect.decode(exchange, 1).choices.size();
  std::printf("decode of %zu bytes: %.2f us\n", exchange.body.size(), (process_cpu_seconds() - since) / kTimes * 1e6);
  v1::Teacher teacher;
  teacher.set_model("m");
  v1::Prompt prompt;
  v1::Message& message = *prompt.add_messages();
  message.set_role("user");
  message.set_content(std::string(1000, 'y'));
  v1::Sampling sampling;
  sampling.set_temperature(0.7);
  sampling.set_max_output_tokens(256);
  since = process_cpu_seconds();
  for (int i = 0; i < kTimes; ++i) choices += dialect.encode(teacher, {prompt, sampling}).body.size();
  std::printf("encode of 1000 bytes: %.2f us (%zu)\n", (process_cpu_seconds() - since) / kTimes * 1e6, choices);
}

}  // namespace

int main(int count, char** values) {
  const auto argument = [&](int i, size_t fallback) {
    return count > i ? static_cast<size_t>(std::strtoul(values[i], nullptr, 10)) : fallback;
  };
  const size_t concurrency = argument(1, 512), requests = argument(2, 60000), rounds = argument(3, 5);
  const size_t in_flight = argument(4, 10000);
  testing::CannedServer quick(std::chrono::milliseconds(0)), slow(std::chrono::milliseconds(8000));
  const std::string body(1000, 'b');
  const std::string url = "http://127.0.0.1:" + std::to_string(quick.port()) + "/v1/chat/completions";
  if (in_flight > 0) {
    Run run(slow.port(), body);
    std::printf("%.1f KB resident per request in flight\n", run.kilobytes_in_flight(in_flight));
  }
  std::vector<double> bare, ours;
  const double per = static_cast<double>(requests) * 0.9;
  for (size_t round = 0; round < rounds; ++round) {
    bare.push_back(testing::BareCurl::run(url, {body}, concurrency, requests).cpu_seconds / per * 1e6);
    Run run(quick.port(), body);
    ours.push_back(run.cpu_seconds(concurrency, requests) / per * 1e6);
    std::printf("round %zu: bare libcurl %.1f us, transport %.1f us\n", round + 1, bare.back(), ours.back());
  }
  std::printf("median at %zu: bare %.1f us, transport %.1f us, ratio %.3f\n", concurrency, median(bare), median(ours),
              median(ours) / median(bare));
  measure_dialect();
  return 0;
}

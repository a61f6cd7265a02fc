#include <catch2/catch.hpp>

#include "tests/transport/bad_teacher.h"
#include "tests/transport/exchange_probe.h"

using harvest::dialect::HttpExchange;
using harvest::dialect::WireError;
using harvest::testing::BadTeacher;
using harvest::testing::ExchangeProbe;
using harvest::testing::Line;
namespace transport = harvest::transport;

TEST_CASE("a crowd larger than a shard is answered each with its own answer", "[transport]") {
  BadTeacher teacher;
  const size_t lanes = GENERATE(1, 3);
  teacher.when("/x").then([&](Line& line) {
    line.wait(std::chrono::milliseconds(20));
    line.send(BadTeacher::ok("{}"));
  });
  ExchangeProbe probe(lanes);
  // Its teacher is a thread for each connection: 700 of them may take long to come up where code is slow (sanitizers).
  transport::EndpointOptions patient = ExchangeProbe::options(teacher.url());
  patient.connect_timeout = patient.first_byte_timeout = patient.total_timeout = std::chrono::seconds(50);
  const auto endpoint = probe.transport.add_endpoint(patient);
  constexpr size_t kCrowd = 700;
  for (size_t i = 0; i < kCrowd; ++i) probe.send(endpoint, "/x");
  REQUIRE(probe.run_until(kCrowd));
  CHECK(probe.ended.size() == kCrowd);
  for (const HttpExchange& exchange : probe.ended) CHECK(exchange.error == WireError::kNone);
  CHECK(teacher.received("/x") == static_cast<int>(kCrowd));
}

TEST_CASE("a silent endpoint does not hold up another", "[transport]") {
  BadTeacher silent, good;
  silent.when("/x").then([](Line& line) { line.read_request(); });
  good.when("/x").answer(BadTeacher::ok("{}"));
  ExchangeProbe probe;
  const auto mute = probe.endpoint(silent.url()), able = probe.endpoint(good.url());
  for (int i = 0; i < 200; ++i) probe.send(mute, "/x");
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) probe.send(able, "/x");
  REQUIRE(probe.run_until(50));
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::milliseconds(900));  // before the silent ones' time-out
  for (const HttpExchange& exchange : probe.ended) CHECK(exchange.error == WireError::kNone);
  REQUIRE(probe.run_until(250));
}

TEST_CASE("a handler may send the next request", "[transport]") {
  BadTeacher teacher;
  teacher.when("/x").answer(BadTeacher::ok("{}"));
  ExchangeProbe probe;
  const auto endpoint = probe.endpoint(teacher.url());
  int left = 50;
  std::function<void()> next = [&] {
    probe.transport.send(endpoint, {.path = "/x", .body = "{}"}, [&](HttpExchange exchange) {
      if (--left > 0) next();
      probe.ended.push_back(std::move(exchange));
    });
  };
  next();
  REQUIRE(probe.run_until(50));
  CHECK(left == 0);
}

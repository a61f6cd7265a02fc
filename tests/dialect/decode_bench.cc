// What decoding an answer of 1.5 KB costs in each dialect, beside simdjson's DOM parser alone on the same bytes, in
// alternating rounds of one run. Bodies are the dialects' own golden answers, their text grown to size. Figures, not
// verdicts.
//
//     dialect_test "[bench]"
#include <simdjson.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <vector>

#include "service/dialect/registry/registry.h"
#include "tests/dialect/golden_case.h"

using namespace harvest;

namespace {

constexpr size_t kBodyBytes = 1500;

double microseconds_each(int times, const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) work();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() / times;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The golden answer with its text made so long that the body is of kBodyBytes; empty where it cannot be.
std::string grown(const std::string& body, const std::string& text) {
  const size_t at = text.empty() ? std::string::npos : body.find("\"" + text + "\"");
  if (at == std::string::npos || body.size() > kBodyBytes) return {};
  std::string filling;
  while (body.size() + filling.size() < kBodyBytes) filling += "What the river carries, the sea keeps. ";
  return std::string(body).insert(at + 1, filling);
}

/// The plainest of a dialect's answers: the first that can be grown and still reads as an answer.
std::map<std::string, dialect::HttpExchange> answers() {
  std::map<std::string, dialect::HttpExchange> found;
  for (const testing::GoldenCase& golden : testing::golden_cases()) {
    if (testing::is_request(golden) || golden.file != "answers.json" || found.contains(golden.dialect)) continue;
    const dialect::Dialect& spoken = *dialect::find_dialect(golden.dialect);
    dialect::HttpExchange exchange = testing::exchange_of(golden);
    const dialect::Outcome outcome = spoken.decode(exchange, 1);
    if (outcome.kind != v1::ANSWERED) continue;
    exchange.body = grown(exchange.body, outcome.choices.front().message.content());
    if (!exchange.body.empty() && spoken.decode(exchange, 1).kind == v1::ANSWERED) found[golden.dialect] = exchange;
  }
  return found;
}

void measure(int rounds, int times) {
  std::printf("%-20s %10s %14s %10s\n", "dialect", "decode us", "simdjson us", "ratio");
  for (const auto& [name, exchange] : answers()) {
    const dialect::Dialect& spoken = *dialect::find_dialect(name);
    const simdjson::padded_string padded(exchange.body);
    simdjson::dom::parser parser;
    uint64_t seen = 0;
    std::vector<double> ours, bare, ratios;
    for (int round = 0; round < rounds; ++round) {
      ours.push_back(microseconds_each(times, [&] { seen += spoken.decode(exchange, 1).choices.size(); }));
      bare.push_back(microseconds_each(times, [&] { seen += parser.parse(padded).is_object(); }));
      ratios.push_back(ours.back() / bare.back());
    }
    CHECK(seen == uint64_t{2} * static_cast<uint64_t>(rounds) * static_cast<uint64_t>(times));
    std::printf("%-20s %10.2f %14.2f %10.2f\n", name.c_str(), median(ours), median(bare), median(ratios));
  }
}

}  // namespace

TEST_CASE("every dialect's decoding is measured", "[dialect]") {
  measure(1, 10);
  for (const std::string_view name : dialect::dialects()) {
    INFO(name);
    CHECK(answers().contains(std::string(name)));
  }
}

TEST_CASE("what decoding costs", "[.][bench]") {
  measure(7, 20'000);
}

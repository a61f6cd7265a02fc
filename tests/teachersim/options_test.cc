// The command line: what is understood, and what is refused with 2.
#include "tests/teachersim/options.h"

#include <stdlib.h>

#include <catch2/catch.hpp>

using namespace teachersim;
using namespace std::chrono_literals;

namespace {

int parse(std::vector<std::string> words, Options& options) {
  words.insert(words.begin(), "teachersim");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  return parse_options(static_cast<int>(arguments.size()), arguments.data(), options);
}

int exit_code_of(std::vector<std::string> words) {
  Options options;
  return parse(std::move(words), options);
}

}  // namespace

TEST_CASE("without flags there is one endpoint and no limit and no ledger", "[options]") {
  Options options;
  REQUIRE(parse({}, options) == -1);
  CHECK(options.listen == std::vector<std::pair<std::string, std::uint16_t>>{{"127.0.0.1", 8000}});
  CHECK(options.ledger.empty());
  CHECK(options.conduct.limits.requests_per_minute == 0);
  CHECK(options.conduct.latency.base == 20ms);
}

TEST_CASE("flags become what they mean", "[options]") {
  REQUIRE(setenv("TEACHERSIM_TEST_KEY", "secret", 1) == 0);
  Options options;
  REQUIRE(parse({"--listen",
                 "127.0.0.1:0",
                 "--listen",
                 "[::1]:81",
                 "--rpm",
                 "600",
                 "--window",
                 "10",
                 "--enforcement",
                 "sliding-log",
                 "--output-accounting",
                 "actual",
                 "--answer-bytes",
                 "10:20",
                 "--input-usd-per-mtok",
                 "0.15",
                 "--dead",
                 "1:2.5@1",
                 "--api-key-env",
                 "TEACHERSIM_TEST_KEY",
                 "--no-limit-headers",
                 "--fail-endpoint",
                 "1"},
                options) == -1);
  CHECK(options.listen == std::vector<std::pair<std::string, std::uint16_t>>{{"127.0.0.1", 0}, {"::1", 81}});
  const Conduct& conduct = options.conduct;
  CHECK(conduct.limits.requests_per_minute == 600);
  CHECK(conduct.limits.window == 10s);
  CHECK(conduct.limits.token_window == 10s);
  CHECK(conduct.limits.enforcement == limits::Enforcement::kSlidingLog);
  CHECK(conduct.limits.output_accounting == limits::OutputAccounting::kActual);
  CHECK((conduct.shape.bytes_min == 10 && conduct.shape.bytes_max == 20));
  CHECK((conduct.prices.input == 150'000 && conduct.prices.cached == 150'000));
  REQUIRE(conduct.dead_times.size() == 1);
  CHECK(conduct.dead_times[0].until == 2500ms);
  CHECK(conduct.dead_times[0].endpoint == 1);
  CHECK(conduct.api_keys == std::vector<std::string>{"secret"});
  CHECK_FALSE(conduct.limit_headers);
}

TEST_CASE("manners and batches are told by flags", "[options]") {
  REQUIRE(setenv("TEACHERSIM_TEST_AWS", "AKIASIM:se:cret", 1) == 0);
  Options options;
  REQUIRE(parse({"--vendor", "groq", "--strict-parameters", "--aws-key-env", "TEACHERSIM_TEST_AWS", "--batch-seconds",
                 "0.5", "--batch-price-ratio", "0.25", "--batch-enqueued-tokens", "1000", "--batch-lines-max", "7"},
                options) == -1);
  const Conduct& conduct = options.conduct;
  CHECK(conduct.manners.vendor == "groq");
  CHECK(conduct.manners.strict_parameters);
  REQUIRE(conduct.manners.aws_keys.size() == 1);
  CHECK(conduct.manners.aws_keys[0].secret == "se:cret");
  CHECK(conduct.batches.takes == 500ms);
  CHECK(conduct.batches.price_ratio == 0.25);
  CHECK(conduct.batches.enqueued_tokens == 1000);
  CHECK(conduct.batches.lines_max == 7);
  CHECK(exit_code_of({"--vendor", "nobody"}) == 2);
  CHECK(exit_code_of({"--aws-key-env", "TEACHERSIM_TEST_KEY_THAT_IS_NOT_SET"}) == 2);
}

TEST_CASE("wrong flags are refused with two", "[options]") {
  CHECK(exit_code_of({"--bogus"}) == 2);
  CHECK(exit_code_of({"--listen", "8000"}) == 2);
  CHECK(exit_code_of({"--listen", "127.0.0.1:70000"}) == 2);
  CHECK(exit_code_of({"--window", "7"}) == 2);
  CHECK(exit_code_of({"--enforcement", "kindness"}) == 2);
  CHECK(exit_code_of({"--error-rate", "1.5"}) == 2);
  CHECK(exit_code_of({"--error-rate", "0.6", "--reset-rate", "0.6"}) == 2);
  CHECK(exit_code_of({"--answer-bytes", "20:10"}) == 2);
  CHECK(exit_code_of({"--input-usd-per-mtok", "cheap"}) == 2);
  CHECK(exit_code_of({"--dead", "5:1"}) == 2);
  CHECK(exit_code_of({"--api-key-env", "TEACHERSIM_NO_SUCH_VARIABLE"}) == 2);
  CHECK(exit_code_of({"--tls-cert", "only.pem"}) == 2);
  CHECK(exit_code_of({"--fail-endpoint", "1"}) == 2);
  CHECK(exit_code_of({"--ledger", "l", "--no-ledger"}) == 2);
  CHECK(exit_code_of({"--help"}) == 0);
}

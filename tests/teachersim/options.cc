#include "tests/teachersim/options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <iostream>

#include "tests/teachersim/flags.h"

namespace teachersim {
namespace {

using limits::Time;

constexpr int kExitUsage = 2;

Time seconds(double value) {
  return Time(static_cast<Time::rep>(value * 1e9));
}

template <class Number>
bool read_whole(const std::string& text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

void wrong(const std::string& flag, const std::string& found, const std::string& expected) {
  throw CLI::ValidationError(flag, "'" + found + "' found, " + expected + " expected");
}

void take_listen(const TypedFlags& typed, Options& options) {
  for (const std::string& text : typed.listen) {
    const std::size_t colon = text.rfind(':');
    std::uint16_t port = 0;
    if (colon == std::string::npos || colon == 0 || !read_whole(text.substr(colon + 1), port)) {
      wrong("--listen", text, "IP:PORT");
    }
    std::string host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    options.listen.emplace_back(host == "localhost" ? "127.0.0.1" : host, port);
  }
  for (const int index : options.conduct.failing_endpoints) {
    const bool exists = static_cast<std::size_t>(index) < options.listen.size();
    if (!exists) wrong("--fail-endpoint", std::to_string(index), "the index of a --listen");
  }
}

std::string from_environment(const char* flag, const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0')
    throw CLI::ValidationError(flag, "the environment variable " + name + " is not set");
  return value;
}

void take_keys(const TypedFlags& typed, Conduct& conduct) {
  for (const std::string& name : typed.key_names) conduct.api_keys.push_back(from_environment("--api-key-env", name));
  for (const std::string& name : typed.aws_key_names) {
    const std::string value = from_environment("--aws-key-env", name);
    const std::size_t colon = value.find(':');
    // The value is a secret: it is not repeated.
    if (colon == std::string::npos) throw CLI::ValidationError("--aws-key-env", name + " does not hold KEY_ID:SECRET");
    conduct.manners.aws_keys.push_back({value.substr(0, colon), value.substr(colon + 1)});
  }
}

void take_prices(const TypedFlags& typed, Prices& prices) {
  auto take = [](const char* flag, const std::string& text, std::int64_t& price) {
    if (!parse_price(text, price)) wrong(flag, text, "USD with at most six decimals");
  };
  take("--input-usd-per-mtok", typed.input_price, prices.input);
  take("--cached-usd-per-mtok", typed.cached_price.empty() ? typed.input_price : typed.cached_price, prices.cached);
  take("--output-usd-per-mtok", typed.output_price, prices.output);
}

void take_answer_bytes(const TypedFlags& typed, AnswerShape& shape) {
  const std::size_t colon = typed.answer_bytes.find(':');
  const std::string least = typed.answer_bytes.substr(0, colon);
  const std::string most = colon == std::string::npos ? least : typed.answer_bytes.substr(colon + 1);
  constexpr std::int64_t kLargest = 100'000'000;
  const bool numbers = read_whole(least, shape.bytes_min) && read_whole(most, shape.bytes_max);
  if (!numbers || shape.bytes_min < 1 || shape.bytes_max < shape.bytes_min || shape.bytes_max > kLargest) {
    wrong("--answer-bytes", typed.answer_bytes, "N or MIN:MAX with 1 <= MIN <= MAX <= 100000000");
  }
}

void take_dead(const TypedFlags& typed, Conduct& conduct) {
  for (const std::string& text : typed.dead) {
    const std::size_t colon = text.find(':');
    const std::size_t at = text.find('@');
    double from = 0;
    double until = 0;
    DeadTime time;
    const bool good = colon != std::string::npos && read_whole(text.substr(0, colon), from) &&
                      read_whole(text.substr(colon + 1, at == std::string::npos ? at : at - colon - 1), until) &&
                      (at == std::string::npos || read_whole(text.substr(at + 1), time.endpoint)) && from < until;
    if (!good) wrong("--dead", text, "FROM:TO[@ENDPOINT] in seconds, FROM < TO");
    time.from = seconds(from);
    time.until = seconds(until);
    conduct.dead_times.push_back(time);
  }
}

void take_enforcement(const TypedFlags& typed, limits::Plan& plan) {
  using limits::Enforcement;
  for (const Enforcement enforcement :
       {Enforcement::kFixedWindow, Enforcement::kSlidingLog, Enforcement::kSlidingCounter, Enforcement::kTokenBucket}) {
    if (name_of(enforcement) == typed.enforcement) plan.enforcement = enforcement;
  }
  const bool reserves = typed.output_accounting == "reserve";
  plan.output_accounting = reserves ? limits::OutputAccounting::kReserve : limits::OutputAccounting::kActual;
}

void take(const TypedFlags& typed, Options& options) {
  Conduct& conduct = options.conduct;
  take_enforcement(typed, conduct.limits);
  take_listen(typed, options);
  take_keys(typed, conduct);
  take_prices(typed, conduct.prices);
  take_answer_bytes(typed, conduct.shape);
  take_dead(typed, conduct);
  conduct.limits.window = std::chrono::seconds(typed.window_s);
  conduct.limits.token_window = std::chrono::seconds(typed.token_window_s > 0 ? typed.token_window_s : typed.window_s);
  conduct.limits.day = seconds(typed.day_s);
  conduct.latency.base = seconds(typed.latency_ms / 1e3);
  conduct.latency.jitter = seconds(typed.jitter_ms / 1e3);
  conduct.slow = seconds(typed.slow_s);
  conduct.stall = seconds(typed.stall_s);
  conduct.batches.takes = seconds(typed.batch_s);
  if (!options.tls_cert.empty()) conduct.batches.scheme = "https";
  conduct.event_gap = seconds(typed.event_gap_ms / 1e3);
  if (typed.turned_seed > 0) conduct.turn.seed = typed.turned_seed;
  if (conduct.turn.sum() > 1) throw CLI::ValidationError("--turned-…-rate", "the rates add up to more than 1");
  if (conduct.rates.sum() > 1) throw CLI::ValidationError("faults", "the rates add up to more than 1");
}

}  // namespace

int parse_options(int argc, char** argv, Options& options) {
  CLI::App app(
      "A stand-in teacher: answers chat completions, enforces limits as providers do, bills every call.\n"
      "A prompt may ask for trouble: [sim:503], [sim:reset], [sim:stall], [sim:garbage], [sim:refuse], [sim:slow], "
      "...;\n"
      "[sim:500*2] only for its first two calls. See tests/teachersim/README.md.",
      "teachersim");
  TypedFlags typed;
  add_flags(app, options, typed);
  try {
    app.parse(argc, argv);
    take(typed, options);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, std::cout, std::cerr);
    return code == 0 ? 0 : kExitUsage;
  }
  return -1;
}

}  // namespace teachersim

#include "tests/teachersim/options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>

namespace teachersim {
namespace {

using limits::Enforcement;
using limits::OutputAccounting;
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

/// The text forms of flags that CLI11 cannot check by itself, between parsing and use.
struct Raw {
  std::vector<std::string> listen = {"127.0.0.1:8000"};
  std::vector<std::string> key_names;
  std::string answer_bytes = "1500";
  std::string input_price = "0";
  std::string cached_price;
  std::string output_price = "0";
  std::vector<std::string> dead;
  int window_s = 60;
  int token_window_s = 0;
  double day_s = 86400;
  double latency_ms = 20;
  double jitter_ms = 0;
  double slow_s = 5;
  double stall_s = 60;
  bool no_ledger = false;  // says what is the default anyway
};

void add_basics(CLI::App& app, Options& options, Raw& raw) {
  app.add_option("--listen", raw.listen, "IP:PORT, repeatable; all endpoints share one account; port 0 picks one")
      ->group("Endpoints")
      ->capture_default_str();
  app.add_option("--port-file", options.port_file, "write the bound ports here, one a line")->group("Endpoints");
  auto* cert = app.add_option("--tls-cert", options.tls_cert, "certificate chain (PEM): speak TLS")->group("Endpoints");
  auto* key = app.add_option("--tls-key", options.tls_key, "private key (PEM)")->group("Endpoints");
  cert->needs(key);
  key->needs(cert);

  Conduct& conduct = options.conduct;
  app.add_option("--api-key-env", raw.key_names, "environment variable that holds an accepted API key, repeatable")
      ->group("Account");
  app.add_option("--model", conduct.models, "a model that is served, repeatable; others get 404 (default: any model)")
      ->group("Account");
  app.add_option("--input-usd-per-mtok", raw.input_price, "price of a million input tokens")
      ->group("Account")
      ->capture_default_str();
  app.add_option("--cached-usd-per-mtok,--cached-input-usd-per-mtok", raw.cached_price,
                 "price of a million cached input tokens (default: as input)")
      ->group("Account");
  app.add_option("--output-usd-per-mtok", raw.output_price, "price of a million output tokens")
      ->group("Account")
      ->capture_default_str();

  auto* ledger =
      app.add_option("--ledger", options.ledger, "append the billing ledger (JSON lines) to this file")->group("Books");
  app.add_flag("--no-ledger", raw.no_ledger, "keep no ledger (the default)")->group("Books")->excludes(ledger);
  app.add_flag("--ledger-content", options.ledger_content, "put whole answers into the ledger")
      ->group("Books")
      ->needs(ledger);
  app.add_option("--stats", options.stats, "write the stats here at the end and at SIGUSR1 (default: standard output)")
      ->group("Books");
}

void add_answers(CLI::App& app, Conduct& conduct, Raw& raw) {
  AnswerShape& shape = conduct.shape;
  app.add_option("--seed", shape.seed, "of answers and of every random draw")->group("Answers")->capture_default_str();
  app.add_option("--answer-bytes", raw.answer_bytes, "length of an answer's text: N or MIN:MAX")
      ->group("Answers")
      ->capture_default_str();
  app.add_option("--default-max-tokens", shape.default_output_cap, "output cap of requests that state none")
      ->group("Answers")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--reasoning-tokens", shape.reasoning_tokens, "billed before the first visible token")
      ->group("Answers")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--cached-share", shape.cached_share, "share of input tokens billed as cached")
      ->group("Answers")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--tool-call-rate", shape.tool_call_rate, "share of requests with tools that get a tool call")
      ->group("Answers")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_flag("--canned", conduct.canned, "for benchmarks: one prebuilt answer, request bodies unread")
      ->group("Answers");
}

void add_limits(CLI::App& app, Conduct& conduct, Raw& raw) {
  static const std::map<std::string, Enforcement> kModels = {{"fixed-window", Enforcement::kFixedWindow},
                                                             {"sliding-log", Enforcement::kSlidingLog},
                                                             {"sliding-counter", Enforcement::kSlidingCounter},
                                                             {"token-bucket", Enforcement::kTokenBucket}};
  static const std::map<std::string, OutputAccounting> kAccountings = {{"reserve", OutputAccounting::kReserve},
                                                                       {"actual", OutputAccounting::kActual}};
  limits::Plan& plan = conduct.limits;
  auto figure = [&](const char* flag, std::int64_t& value, const char* what) {
    app.add_option(flag, value, what)->group("Limits (0: none)")->check(CLI::NonNegativeNumber)->capture_default_str();
  };
  figure("--requests-per-minute,--rpm", plan.requests_per_minute, "requests per minute");
  figure("--input-tokens-per-minute,--itpm", plan.input_tokens_per_minute, "input tokens per minute");
  figure("--output-tokens-per-minute,--otpm", plan.output_tokens_per_minute, "output tokens per minute");
  figure("--tokens-per-minute,--tpm", plan.tokens_per_minute, "input and output tokens together, per minute");
  figure("--requests-per-day,--rpd", plan.requests_per_day, "requests per day (days begin when the stand-in starts)");
  figure("--concurrency", plan.concurrency, "requests in flight");
  constexpr const char* kGroup = "Limits: how they are enforced";
  app.add_option("--enforcement", plan.enforcement, "fixed-window, sliding-log, sliding-counter or token-bucket")
      ->group(kGroup)
      ->transform(CLI::CheckedTransformer(kModels))
      ->default_str("token-bucket");
  app.add_option("--window", raw.window_s, "seconds over which figures are enforced, in shares of a minute")
      ->group(kGroup)
      ->check(CLI::IsMember({60, 10, 1}))
      ->capture_default_str();
  app.add_option("--token-window", raw.token_window_s, "the same for tokens alone (default: as --window)")
      ->group(kGroup)
      ->check(CLI::IsMember({60, 10, 1}));
  app.add_option("--day-seconds", raw.day_s, "length of a day")
      ->group(kGroup)
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--output-accounting", plan.output_accounting, "reserve: the cap at admission; actual: when answered")
      ->group(kGroup)
      ->transform(CLI::CheckedTransformer(kAccountings))
      ->default_str("reserve");
  app.add_flag("--count-rejected", plan.count_rejected, "refused requests count as requests")->group(kGroup);
  app.add_flag("!--no-limit-headers", conduct.limit_headers, "send no x-ratelimit headers")->group(kGroup);
}

void add_faults(CLI::App& app, Conduct& conduct, Raw& raw) {
  app.add_option("--latency-ms", raw.latency_ms, "median time to an answer")
      ->group("Latency")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--latency-jitter-ms", raw.jitter_ms, "uniform addition of up to this")
      ->group("Latency")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--latency-sigma", conduct.latency.sigma,
                 "log-normal spread of the median (0.5 is like real teachers)")
      ->group("Latency")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--slow-seconds", raw.slow_s, "what [sim:slow] adds")
      ->group("Latency")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();

  constexpr const char* kGroup = "Faults (shares of admitted requests)";
  FaultRates& rates = conduct.rates;
  auto share = [&](const char* flag, double& value, const char* what) {
    app.add_option(flag, value, what)->group(kGroup)->check(CLI::Range(0.0, 1.0))->capture_default_str();
  };
  share("--error-rate", rates.error, "500, 502 or 503");
  share("--reset-rate", rates.reset, "billed, then reset in the middle of the body");
  share("--vanish-rate", rates.vanish, "billed, then closed without a byte");
  share("--stall-rate", rates.stall, "never answered");
  share("--garbage-rate", rates.garbage, "200 with broken JSON or HTML");
  share("--error-in-200-rate", rates.error_in_200, "200 with {\"error\":...}");
  share("--refusal-rate", rates.refusal, "refused by the content filter (billed)");
  app.add_option("--stall-seconds", raw.stall_s, "how long a stalled connection is held")
      ->group(kGroup)
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();

  constexpr const char* kWhole = "Faults of the whole teacher";
  app.add_option("--cut-off-after", conduct.cut_off_after, "answers, then 401 for ever")
      ->group(kWhole)
      ->check(CLI::NonNegativeNumber);
  app.add_option("--cut-off-status", conduct.cut_off_status, "401 or 403")
      ->group(kWhole)
      ->check(CLI::IsMember({401, 403}))
      ->capture_default_str();
  app.add_option("--billing-stop-after", conduct.billing_stop_after, "answers, then 429 insufficient_quota for ever")
      ->group(kWhole)
      ->check(CLI::NonNegativeNumber);
  app.add_option("--fail-endpoint", conduct.failing_endpoints,
                 "index of a --listen (from 0) that always answers 503, repeatable")
      ->group(kWhole)
      ->check(CLI::NonNegativeNumber);
  app.add_option("--dead", raw.dead,
                 "FROM:TO[@ENDPOINT] in seconds since the start: every request is reset, repeatable")
      ->group(kWhole);
}

void wrong(const std::string& flag, const std::string& found, const std::string& expected) {
  throw CLI::ValidationError(flag, "'" + found + "' found, " + expected + " expected");
}

void take_listen(const Raw& raw, Options& options) {
  for (const std::string& text : raw.listen) {
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

void take_keys(const Raw& raw, Conduct& conduct) {
  for (const std::string& name : raw.key_names) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') {
      throw CLI::ValidationError("--api-key-env", "the environment variable " + name + " is not set");
    }
    conduct.api_keys.emplace_back(value);
  }
}

void take_prices(const Raw& raw, Prices& prices) {
  auto take = [](const char* flag, const std::string& text, std::int64_t& price) {
    if (!parse_price(text, price)) wrong(flag, text, "USD with at most six decimals");
  };
  take("--input-usd-per-mtok", raw.input_price, prices.input);
  take("--cached-usd-per-mtok", raw.cached_price.empty() ? raw.input_price : raw.cached_price, prices.cached);
  take("--output-usd-per-mtok", raw.output_price, prices.output);
}

void take_answer_bytes(const Raw& raw, AnswerShape& shape) {
  const std::size_t colon = raw.answer_bytes.find(':');
  const std::string least = raw.answer_bytes.substr(0, colon);
  const std::string most = colon == std::string::npos ? least : raw.answer_bytes.substr(colon + 1);
  constexpr std::int64_t kLargest = 100'000'000;
  const bool numbers = read_whole(least, shape.bytes_min) && read_whole(most, shape.bytes_max);
  if (!numbers || shape.bytes_min < 1 || shape.bytes_max < shape.bytes_min || shape.bytes_max > kLargest) {
    wrong("--answer-bytes", raw.answer_bytes, "N or MIN:MAX with 1 <= MIN <= MAX <= 100000000");
  }
}

void take_dead(const Raw& raw, Conduct& conduct) {
  for (const std::string& text : raw.dead) {
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

void take(const Raw& raw, Options& options) {
  Conduct& conduct = options.conduct;
  take_listen(raw, options);
  take_keys(raw, conduct);
  take_prices(raw, conduct.prices);
  take_answer_bytes(raw, conduct.shape);
  take_dead(raw, conduct);
  conduct.limits.window = std::chrono::seconds(raw.window_s);
  conduct.limits.token_window = std::chrono::seconds(raw.token_window_s > 0 ? raw.token_window_s : raw.window_s);
  conduct.limits.day = seconds(raw.day_s);
  conduct.latency.base = seconds(raw.latency_ms / 1e3);
  conduct.latency.jitter = seconds(raw.jitter_ms / 1e3);
  conduct.slow = seconds(raw.slow_s);
  conduct.stall = seconds(raw.stall_s);
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
  Raw raw;
  add_basics(app, options, raw);
  add_answers(app, options.conduct, raw);
  add_limits(app, options.conduct, raw);
  add_faults(app, options.conduct, raw);
  try {
    app.parse(argc, argv);
    take(raw, options);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, std::cout, std::cerr);
    return code == 0 ? 0 : kExitUsage;
  }
  return -1;
}

}  // namespace teachersim

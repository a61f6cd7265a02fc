#include "tests/teachersim/flags.h"

#include "tests/teachersim/dialects/chat_vendor.h"

namespace teachersim {
namespace {

/// CLI11's own check of this name prints the largest double, all 309 digits of it.
const CLI::Validator kNotNegative(
    [](std::string& text) {
      double value = 0;
      const bool good = CLI::detail::lexical_cast(text, value) && value >= 0;
      return good ? std::string() : "'" + text + "' found, a number of at least 0 expected";
    },
    "AT LEAST 0");

void add_basics(CLI::App& app, Options& options, TypedFlags& typed) {
  app.add_option("--listen", typed.listen, "IP:PORT, repeatable; all endpoints share one account; port 0 picks one")
      ->group("Endpoints")
      ->capture_default_str();
  app.add_option("--port-file", options.port_file, "write the bound ports here, one a line")->group("Endpoints");
  auto* cert = app.add_option("--tls-cert", options.tls_cert, "certificate chain (PEM): speak TLS")->group("Endpoints");
  auto* key = app.add_option("--tls-key", options.tls_key, "private key (PEM)")->group("Endpoints");
  cert->needs(key);
  key->needs(cert);

  Conduct& conduct = options.conduct;
  app.add_option("--api-key-env", typed.key_names, "environment variable that holds an accepted API key, repeatable")
      ->group("Account");
  app.add_option("--aws-key-env", typed.aws_key_names,
                 "environment variable that holds KEY_ID:SECRET: Bedrock's calls must be signed with it, repeatable")
      ->group("Account");
  app.add_option("--vendor", conduct.manners.vendor,
                 "whose headers, errors and strictness /v1/chat/completions imitates")
      ->group("Account")
      ->check(CLI::IsMember(chat_vendor_names()))
      ->capture_default_str();
  app.add_flag("--strict-parameters", conduct.manners.strict_parameters,
               "chat completions refuse parameters that the vendor does not know")
      ->group("Account");
  app.add_option("--model", conduct.models, "a model that is served, repeatable; others get 404 (default: any model)")
      ->group("Account");
  app.add_option("--input-usd-per-mtok", typed.input_price, "price of a million input tokens")
      ->group("Account")
      ->capture_default_str();
  app.add_option("--cached-usd-per-mtok,--cached-input-usd-per-mtok", typed.cached_price,
                 "price of a million cached input tokens (default: as input)")
      ->group("Account");
  app.add_option("--output-usd-per-mtok", typed.output_price, "price of a million output tokens")
      ->group("Account")
      ->capture_default_str();

  auto* ledger =
      app.add_option("--ledger", options.ledger, "append the billing ledger (JSON lines) to this file")->group("Books");
  app.add_flag("--no-ledger", typed.no_ledger, "keep no ledger (the default)")->group("Books")->excludes(ledger);
  app.add_flag("--ledger-content", options.ledger_content, "put whole answers into the ledger")
      ->group("Books")
      ->needs(ledger);
  app.add_option("--stats", options.stats, "write the stats here at the end and at SIGUSR1 (default: standard output)")
      ->group("Books");
}

void add_answers(CLI::App& app, Conduct& conduct, TypedFlags& typed) {
  AnswerShape& shape = conduct.shape;
  app.add_option("--seed", shape.seed, "of answers and of every random draw")->group("Answers")->capture_default_str();
  app.add_option("--answer-bytes", typed.answer_bytes, "length of an answer's text: N or MIN:MAX")
      ->group("Answers")
      ->capture_default_str();
  app.add_option("--answer-sigma", shape.bytes_sigma,
                 "log-normal spread of that length, around N or within MIN:MAX (0.6 is like real answers)")
      ->group("Answers")
      ->check(kNotNegative)
      ->capture_default_str();
  app.add_option("--default-max-tokens", shape.default_output_cap, "output cap of requests that state none")
      ->group("Answers")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--reasoning-tokens", shape.reasoning_tokens, "billed before the first visible token")
      ->group("Answers")
      ->check(kNotNegative)
      ->capture_default_str();
  app.add_option("--cached-share", shape.cached_share, "share of input tokens billed as cached")
      ->group("Answers")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--tool-call-rate", shape.tool_call_rate, "share of requests with tools that get a tool call")
      ->group("Answers")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--event-bytes", shape.event_bytes, "of text in each event of a streamed answer")
      ->group("Answers")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  auto* canned = app.add_flag("--canned", conduct.canned, "for benchmarks: one prebuilt answer, request bodies unread")
                     ->group("Answers");
  app.add_option("--events", shape.canned_events,
                 "events with text in a streamed canned answer (default: by its length)")
      ->group("Answers")
      ->check(CLI::Range(1, 1'000'000))
      ->needs(canned);
}

void add_limits(CLI::App& app, Conduct& conduct, TypedFlags& typed) {
  limits::Plan& plan = conduct.limits;
  auto figure = [&](const char* flag, std::int64_t& value, const char* what) {
    app.add_option(flag, value, what)->group("Limits (0: none)")->check(kNotNegative)->capture_default_str();
  };
  figure("--requests-per-minute,--rpm", plan.requests_per_minute, "requests per minute");
  figure("--input-tokens-per-minute,--itpm", plan.input_tokens_per_minute, "input tokens per minute");
  figure("--output-tokens-per-minute,--otpm", plan.output_tokens_per_minute, "output tokens per minute");
  figure("--tokens-per-minute,--tpm", plan.tokens_per_minute, "input and output tokens together, per minute");
  figure("--requests-per-day,--rpd", plan.requests_per_day, "requests per day (days begin when the stand-in starts)");
  figure("--concurrency", plan.concurrency, "requests in flight");
  constexpr const char* kGroup = "Limits: how they are enforced";
  app.add_option("--enforcement", typed.enforcement, "how what was taken comes back")
      ->group(kGroup)
      ->check(CLI::IsMember({"fixed-window", "sliding-log", "sliding-counter", "token-bucket"}))
      ->capture_default_str();
  app.add_option("--window", typed.window_s, "seconds over which figures are enforced, in shares of a minute")
      ->group(kGroup)
      ->check(CLI::IsMember({60, 10, 1}))
      ->capture_default_str();
  app.add_option("--token-window", typed.token_window_s, "the same for tokens alone (default: as --window)")
      ->group(kGroup)
      ->check(CLI::IsMember({60, 10, 1}));
  app.add_option("--day-seconds", typed.day_s, "length of a day")
      ->group(kGroup)
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--output-accounting", typed.output_accounting, "reserve: the cap at admission; actual: when answered")
      ->group(kGroup)
      ->check(CLI::IsMember({"reserve", "actual"}))
      ->capture_default_str();
  app.add_flag("--count-rejected", plan.count_rejected, "refused requests count as requests")->group(kGroup);
  app.add_flag("!--no-limit-headers", conduct.limit_headers, "send no x-ratelimit headers")->group(kGroup);
}

void add_faults(CLI::App& app, Conduct& conduct, TypedFlags& typed) {
  app.add_option("--latency-ms", typed.latency_ms, "median time to an answer")
      ->group("Latency")
      ->check(kNotNegative)
      ->capture_default_str();
  app.add_option("--latency-jitter-ms", typed.jitter_ms, "uniform addition of up to this")
      ->group("Latency")
      ->check(kNotNegative)
      ->capture_default_str();
  app.add_option("--latency-sigma", conduct.latency.sigma,
                 "log-normal spread of the median (0.5 is like real teachers)")
      ->group("Latency")
      ->check(kNotNegative)
      ->capture_default_str();
  app.add_option("--event-gap-ms", typed.event_gap_ms,
                 "between two events of a streamed answer (0: all are sent at once)")
      ->group("Latency")
      ->check(kNotNegative)
      ->capture_default_str();
  app.add_option("--slow-seconds", typed.slow_s, "what [sim:slow] adds")
      ->group("Latency")
      ->check(kNotNegative)
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
  app.add_option("--stall-seconds", typed.stall_s, "how long a stalled connection is held")
      ->group(kGroup)
      ->check(kNotNegative)
      ->capture_default_str();

  constexpr const char* kWhole = "Faults of the whole teacher";
  app.add_option("--cut-off-after", conduct.cut_off_after, "answers, then 401 for ever")
      ->group(kWhole)
      ->check(kNotNegative);
  app.add_option("--cut-off-status", conduct.cut_off_status, "401 or 403")
      ->group(kWhole)
      ->check(CLI::IsMember({401, 403}))
      ->capture_default_str();
  app.add_option("--billing-stop-after", conduct.billing_stop_after, "answers, then 429 insufficient_quota for ever")
      ->group(kWhole)
      ->check(kNotNegative);
  app.add_option("--fail-endpoint", conduct.failing_endpoints,
                 "index of a --listen (from 0) that always answers 503, repeatable")
      ->group(kWhole)
      ->check(kNotNegative);
  app.add_option("--dead", typed.dead,
                 "FROM:TO[@ENDPOINT] in seconds since the start: every request is reset, repeatable")
      ->group(kWhole);
}

void add_turn(CLI::App& app, Turn& turn, TypedFlags& typed) {
  constexpr const char* kGroup = "A silent change (of answers asked for online)";
  app.add_option("--turn-after", turn.after,
                 "answers, then the teacher is another: all of this group (0: from the start)")
      ->group(kGroup)
      ->check(kNotNegative);
  app.add_option("--turned-model", turn.model, "the model that chat completions report then")->group(kGroup);
  app.add_option("--turned-fingerprint", turn.fingerprint, "the system fingerprint that chat completions report then")
      ->group(kGroup);
  app.add_option("--turned-seed", typed.turned_seed, "other answers to the same questions (0: the same)")
      ->group(kGroup);
  auto share = [&](const char* flag, double& value, const char* what) {
    app.add_option(flag, value, what)->group(kGroup)->check(CLI::Range(0.0, 1.0))->capture_default_str();
  };
  share("--turned-refusal-rate", turn.refusal, "share of answers that are refused by the content filter");
  share("--turned-truncation-rate", turn.truncation, "share of answers that go on beyond any cap");
  share("--turned-empty-rate", turn.empty, "share of answers without a text");
  share("--turned-duplicate-rate", turn.duplicate, "share of answers with one text, whatever was asked");
}

void add_batches(CLI::App& app, BatchPlan& plan, TypedFlags& typed) {
  constexpr const char* kGroup = "Batches";
  app.add_option("--batch-seconds", typed.batch_s, "how long a batch takes")
      ->group(kGroup)
      ->check(kNotNegative)
      ->capture_default_str();
  auto share = [&](const char* flag, double& value, const char* what) {
    app.add_option(flag, value, what)->group(kGroup)->check(CLI::Range(0.0, 1.0))->capture_default_str();
  };
  share("--batch-price-ratio", plan.price_ratio, "of the price of the same call online");
  share("--batch-expire-rate", plan.expire_rate, "share of batches that expire half done");
  share("--batch-failed-lines-rate", plan.failed_lines_rate, "share of lines that end with a server error");
  app.add_option("--batch-enqueued-tokens", plan.enqueued_tokens,
                 "input tokens that may wait in all batches together (0: no limit)")
      ->group(kGroup)
      ->check(kNotNegative)
      ->capture_default_str();
  app.add_option("--batch-lines-max", plan.lines_max, "requests in one batch")
      ->group(kGroup)
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
}

}  // namespace

void add_flags(CLI::App& app, Options& options, TypedFlags& typed) {
  add_basics(app, options, typed);
  add_answers(app, options.conduct, typed);
  add_limits(app, options.conduct, typed);
  add_faults(app, options.conduct, typed);
  add_turn(app, options.conduct.turn, typed);
  add_batches(app, options.conduct.batches, typed);
}

}  // namespace teachersim

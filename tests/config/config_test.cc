#include "service/config/config.h"

#include <catch2/catch.hpp>
#include <vector>

#include "absl/strings/str_split.h"

using harvest::config::Known;
using harvest::config::load;
using harvest::config::parse;

namespace {

const Known kKnown{{{"openai-chat", {"openai", "vllm"}}, {"anthropic-messages", {}, {"api_version"}}}};

const std::string kTeacher =
    "  - name: a\n    dialect: openai-chat\n    endpoint: http://127.0.0.1:8000/v1\n    model: m\n    prices: free\n";

std::vector<std::string> mistakes_of(const std::string& yaml) {
  const auto config = parse(yaml, "h.yaml", kKnown);
  if (config.ok()) {
    return {};
  }
  return absl::StrSplit(config.status().message(), '\n');
}

/// The one mistake of a configuration whose first teacher has `line` besides.
std::string mistake_with(const std::string& line) {
  const std::vector<std::string> mistakes = mistakes_of("teachers:\n" + kTeacher + "    " + line + "\n");
  return mistakes.size() == 1 ? mistakes[0] : "not one mistake but " + std::to_string(mistakes.size());
}

}  // namespace

TEST_CASE("a small configuration is completed with the defaults", "[config]") {
  const auto config = parse("teachers:\n" + kTeacher, "h.yaml", kKnown);
  REQUIRE(config.ok());
  CHECK(config->data_dir() == "./harvest-data");
  CHECK(config->grpc().listen() == "127.0.0.1:7070");
  CHECK(config->http().listen() == "127.0.0.1:7071");
  CHECK(config->harvest().attempts_max() == 6);
  CHECK(config->harvest().retry_ratio() == 0.1);
  CHECK(config->log().level() == "info");
  CHECK(config->teachers(0).endpoints(0) == "http://127.0.0.1:8000/v1");
  CHECK(config->teachers(0).endpoint().empty());
  CHECK(config->teachers(0).limits().window_seconds() == 60);
  CHECK(config->teachers(0).timeouts().first_byte_seconds() == 300);
  CHECK(config->teachers(0).default_max_output_tokens() == 1024);
  CHECK_FALSE(config->teachers(0).limits().has_concurrency());
}

TEST_CASE("mistakes of form and of meaning come together in the order of the file", "[config]") {
  const auto mistakes = mistakes_of(
      "grpc: { listen: 0.0.0.0:7070 }\n"
      "log: { level: loud }\n"
      "teachers:\n"
      "  - name: Bad Name\n"
      "    dialect: openai-chatt\n"
      "    limits: { window_seconds: 30, concurrency: x }\n"
      "    prices: { input_usd_per_mtok: 0.0000001, output_usd_per_mtok: cheap }\n");
  REQUIRE(mistakes.size() == 10);
  CHECK(mistakes[0].find("h.yaml:1:9: grpc.listen: found '0.0.0.0:7070', expected a loopback address") == 0);
  CHECK(mistakes[0].find("mTLS with tokens; missing: grpc.tls: { certificate: FILE, key: FILE, client_ca: FILE }; "
                         "tokens") != std::string::npos);
  CHECK(mistakes[1] == "h.yaml:2:8: log.level: found 'loud', expected one of debug, info, warn, error");
  CHECK(mistakes[2].find("h.yaml:4:5: teachers[0].name: found 'Bad Name'") == 0);
  CHECK(mistakes[3].find("h.yaml:4:5: teachers[0].model: found none") == 0);
  CHECK(mistakes[4].find("h.yaml:4:5: teachers[0].endpoints: found none") == 0);
  CHECK(mistakes[5].find("did you mean 'openai-chat'?") != std::string::npos);
  CHECK(mistakes[7].find("h.yaml:6:48: teachers[0].limits.concurrency: found 'x'") == 0);
  CHECK(mistakes[8].find("h.yaml:7:15: teachers[0].prices.input_usd_per_mtok: found '0.0000001'") == 0);
}

TEST_CASE("the log has a name without spaces and each of its keys one place", "[config]") {
  const auto mistakes = mistakes_of(
      "log: { name: two words, key: { file: a, env: B }, retiring_keys: [{ credential: old }, {}] }\n"
      "teachers: []\n");
  std::string all;
  for (const std::string& mistake : mistakes) all += mistake + "\n";
  CHECK(all.find("log.name: found 'two words', expected a name without spaces") != std::string::npos);
  CHECK(all.find("log.key: found 2 places of a key") != std::string::npos);
  CHECK(all.find("log.retiring_keys[1]: found 0 places of a key") != std::string::npos);
  CHECK(all.find("log.retiring_keys[0]") == std::string::npos);
}

TEST_CASE("an unknown field hides no other mistake of its mapping", "[config]") {
  const auto mistakes = mistakes_of(
      "teachers:\n"
      "  - name: Bad Name\n"
      "    modell: m\n"
      "    dialect: nope\n"
      "    endpoint: not-a-url\n"
      "    prices: { input_usd_per_mtok: cheap, output: 1 }\n");
  REQUIRE(mistakes.size() == 8);
  CHECK(mistakes[0].find("h.yaml:2:5: teachers[0].name: found 'Bad Name'") == 0);
  CHECK(mistakes[1].find("h.yaml:2:5: teachers[0].model: found none") == 0);
  CHECK(mistakes[2] == "h.yaml:3:5: teachers[0]: found the unknown field 'modell', did you mean 'model'?");
  CHECK(mistakes[3].find("h.yaml:4:5: teachers[0].dialect: found 'nope'") == 0);
  CHECK(mistakes[4].find("h.yaml:5:5: teachers[0].endpoint: ") == 0);
  CHECK(mistakes[5].find("h.yaml:6:5: teachers[0].prices: expected input_usd_per_mtok and output") == 0);
  CHECK(mistakes[6].find("h.yaml:6:15: teachers[0].prices.input_usd_per_mtok: found 'cheap'") == 0);
  CHECK(mistakes[7].find("h.yaml:6:42: teachers[0].prices: found the unknown field 'output'") == 0);
}

TEST_CASE("a text that is no YAML has one mistake alone", "[config]") {
  const std::vector<std::string> mistakes = mistakes_of("teachers: [\n  - \"\\q\"");
  REQUIRE(mistakes.size() == 1);
  CHECK(mistakes[0].find("is not YAML") != std::string::npos);
}

TEST_CASE("each rule about a teacher has its message", "[config]") {
  CHECK(mistake_with("limits: { window_seconds: 30 }").find("found 30, expected 60, 10 or 1") != std::string::npos);
  CHECK(mistake_with("limits: { concurrency: 0 }").find("at least 1") != std::string::npos);
  CHECK(mistake_with("max_cost_usd_per_day: lots").find("expected dollars") != std::string::npos);
  CHECK(mistake_with("rights: { permits: [training] }").find("rights.licence: found none") != std::string::npos);
  CHECK(mistake_with("rights: { licence: MIT, reviewed_on: 20.11.2026 }").find("expected a day") != std::string::npos);
  CHECK(mistake_with("rights: { licence: MIT, reviewed_on: 2026-11-20, expires_on: 2026-11-19 }")
            .find("a day after reviewed_on") != std::string::npos);
  CHECK(mistake_with("rights: { licence: MIT, version: 3 }").find("left out") != std::string::npos);
  CHECK(mistake_with("rights: { licence: MIT, self_attested: true }").find("left out") != std::string::npos);
  CHECK(mistake_with("endpoints: [http://127.0.0.1:8001]").find("one of the two") != std::string::npos);
  CHECK(mistake_with("api_key: { env: A, file: b }").find("either") != std::string::npos);
  CHECK(mistake_with("proxy: 127.0.0.1:3128").find("http://") != std::string::npos);
  CHECK(mistakes_of("teachers:\n" + kTeacher + kTeacher).at(0).find("the name of teachers[0] too") !=
        std::string::npos);
  CHECK(mistakes_of("data_dir: x").at(0) == "h.yaml: teachers: found none, expected at least one teacher");
}

TEST_CASE("caps of a day and a month are amounts, and agree", "[config]") {
  CHECK(mistake_with("max_cost_usd_per_month: lots").find("max_cost_usd_per_month: ") != std::string::npos);
  CHECK(mistake_with("max_cost_usd_per_month: lots").find("expected dollars") != std::string::npos);
  CHECK(mistake_with("max_cost_usd_per_day: 5 EUR").find("expected dollars") != std::string::npos);
  CHECK(mistakes_of("teachers:\n" + kTeacher + "    max_cost_usd_per_day: 20\n    max_cost_usd_per_month: 10\n")
            .at(0)
            .find("found 10, less than max_cost_usd_per_day, 20") != std::string::npos);
}

TEST_CASE("absurd limits are refused", "[config]") {
  CHECK(mistake_with("limits: { requests_per_minute: 100000000000 }").find("at most") != std::string::npos);
  CHECK(mistake_with("limits: { input_tokens_per_minute: 18446744073709551615 }").find("at most") != std::string::npos);
  CHECK_FALSE(mistake_with("limits: { requests_per_minute: -1 }").empty());
  CHECK(mistake_with("limits: { network_jitter_ms: 10001 }").find("found 10001, expected at most 10000") !=
        std::string::npos);
}

TEST_CASE("limits on tokens that contradict one another are refused", "[config]") {
  CHECK(mistake_with("limits: { tokens_per_minute: 900, output_tokens_per_minute: 300 }")
            .find("limits.tokens_per_minute: found beside") != std::string::npos);
  CHECK(mistake_with("limits: { tokens_are_joint: true, input_tokens_per_minute: 300 }")
            .find("limits.tokens_are_joint: found beside") != std::string::npos);
}

TEST_CASE("tenants have a name, a weight and caps that make sense", "[config]") {
  const auto mistake = [](const std::string& tenants) {
    const std::vector<std::string> mistakes = mistakes_of("teachers:\n" + kTeacher + "tenants:\n" + tenants);
    return mistakes.size() == 1 ? mistakes[0] : "not one mistake but " + std::to_string(mistakes.size());
  };
  CHECK(mistake("  - weight: 2\n").find("tenants[0].name: found none") != std::string::npos);
  CHECK(mistake("  - name: a\n    weight: -1\n").find("tenants[0].weight: found -1") != std::string::npos);
  CHECK(mistake("  - name: a\n  - name: a\n").find("tenants[1].name: found 'a' a second time") != std::string::npos);
  CHECK(mistake("  - name: a\n    max_cost_usd_per_day: x\n").find("tenants[0].max_cost_usd_per_day") !=
        std::string::npos);
  const auto config = parse("teachers:\n" + kTeacher + "tenants:\n  - name: a\n", "h.yaml", kKnown);
  REQUIRE(config.ok());
  CHECK(config->tenants(0).weight() == 1);
}

TEST_CASE("teachers of one account have the limits that one of them states", "[config]") {
  const std::string other =
      "  - name: b\n    dialect: openai-chat\n    endpoint: http://127.0.0.1:8000/v1\n    model: n\n    prices: free\n";
  const std::string account = "    account: shared\n";
  const auto config =
      parse("teachers:\n" + kTeacher + account + "    limits: { requests_per_minute: 60 }\n" + other + account,
            "h.yaml", kKnown);
  REQUIRE(config.ok());
  CHECK(config->teachers(1).limits().requests_per_minute() == 60);
  const std::vector<std::string> mistakes =
      mistakes_of("teachers:\n" + kTeacher + account + "    limits: { requests_per_minute: 60 }\n" + other + account +
                  "    limits: { requests_per_minute: 90 }\n");
  REQUIRE(mistakes.size() == 1);
  CHECK(mistakes[0].find("teachers[1].limits: found other limits than teacher a states for the account 'shared'") !=
        std::string::npos);
  CHECK(mistake_with("account: Two Words").find("account: found 'Two Words'") != std::string::npos);
}

TEST_CASE("an account is one vendor's", "[config]") {
  Known known = kKnown;
  known.vendor_of = [](const harvest::v1::Teacher& teacher) {
    return teacher.vendor().empty() ? teacher.dialect() : teacher.vendor();
  };
  const std::string other =
      "  - name: b\n    dialect: openai-chat\n    endpoint: http://127.0.0.1:8000/v1\n    model: n\n    prices: free\n"
      "    account: shared\n";
  const std::string both = "teachers:\n" + kTeacher + "    account: shared\n" + other;
  CHECK(parse(both, "h.yaml", known).ok());
  const auto apart = parse(both + "    vendor: elsewhere\n", "h.yaml", known);
  REQUIRE_FALSE(apart.ok());
  CHECK(std::string(apart.status().message())
            .find("teachers[1].account: found 'shared', the account of teacher a with openai-chat, but this teacher is "
                  "served by elsewhere; expected an account of its own") != std::string::npos);
}

TEST_CASE("thresholds of warnings are percents", "[config]") {
  const auto config = parse("teachers:\n" + kTeacher, "h.yaml", kKnown);
  REQUIRE(config.ok());
  CHECK(config->harvest().budget_warnings_percent_size() == 2);
  CHECK(mistakes_of("harvest: { budget_warnings_percent: [0] }\nteachers:\n" + kTeacher)
            .at(0)
            .find("expected 1 to 100") != std::string::npos);
}

TEST_CASE("a profile is one of its dialect's", "[config]") {
  CHECK(mistake_with("profile: vllm") == "not one mistake but 0");
  CHECK(mistake_with("profile: vlm").find("profile: found 'vlm', expected one of openai, vllm: did you mean 'vllm'?") !=
        std::string::npos);
  CHECK(mistakes_of("teachers: [{ name: a, dialect: anthropic-messages, profile: x, endpoint: 'http://h', model: m, "
                    "prices: free }]")
            .at(0)
            .find("has no profiles") != std::string::npos);
}

TEST_CASE("a field that a teacher's dialect does not read is a mistake", "[config]") {
  CHECK(
      mistake_with("api_version: v1").find("api_version: found 'v1', but the dialect openai-chat has no such thing") !=
      std::string::npos);
  CHECK(mistake_with("region: eu").find("region: found 'eu', but the dialect openai-chat") != std::string::npos);
  CHECK(parse("teachers: [{ name: a, dialect: anthropic-messages, api_version: x, endpoint: 'http://h', model: m, "
              "prices: free }]",
              "h.yaml", kKnown)
            .ok());
}

TEST_CASE("changes of prices have their day, and special prices their condition", "[config]") {
  const std::string rates = "input_usd_per_mtok: 1, output_usd_per_mtok: 2";
  CHECK(mistake_with("price_changes: [{ effective_on: 2026-12-01, " + rates + " }]") == "not one mistake but 0");
  CHECK(mistake_with("price_changes: [{ " + rates + " }]").find("found no effective_on") != std::string::npos);
  CHECK(mistake_with("price_changes: [{ effective_on: soon, " + rates + " }]").find("effective_on: ") !=
        std::string::npos);
  CHECK(mistake_with("price_changes: [{ effective_on: 2026-12-01, " + rates + " }, { effective_on: 2026-12-01, " +
                     rates + " }]")
            .find("a second time") != std::string::npos);
  const auto special = [&](const std::string& given) {
    return mistake_with("price_changes: [{ effective_on: 2026-12-01, " + rates + ", special: [" + given + "] }]");
  };
  CHECK(special("{ service_tier: flex, output_usd_per_mtok: 1 }") == "not one mistake but 0");
  CHECK(special("{ output_usd_per_mtok: 1 }").find("found no condition") != std::string::npos);
  CHECK(special("{ service_tier: flex }").find("found no price") != std::string::npos);
  CHECK(special("{ route: post, output_usd_per_mtok: 1 }").find("expected batch") != std::string::npos);
}

TEST_CASE("prices must be whole or free", "[config]") {
  const auto prices = [](const std::string& given) {
    return mistakes_of("teachers: [{ name: a, dialect: openai-chat, endpoint: 'http://h', model: m, prices: " + given +
                       " }]");
  };
  CHECK(prices("free").empty());
  CHECK(prices("{ input_usd_per_mtok: 0.15, output_usd_per_mtok: 0.6 }").empty());
  CHECK(prices("{ input_usd_per_mtok: 0.15 }").size() == 1);
  CHECK(prices("{ free: true, input_usd_per_mtok: 0.15, output_usd_per_mtok: 0.6 }").size() == 1);
  CHECK(prices("{ input_usd_per_mtok: -1, output_usd_per_mtok: 0.6 }").size() == 1);
}

TEST_CASE("a key or password in an address or a name is refused and not shown", "[config]") {
  for (const std::string line :
       {"api_key: sk-abcdef", "api_key: { env: sk-abcdef }", "proxy: 'http://me:sk-abcdef@127.0.0.1:1/'",
        "proxy: 'http://127.0.0.1:1/?key=sk-abcdef'", "proxy: 'http://127.0.0.1:1/#sk-abcdef'"}) {
    const std::string mistake = mistake_with(line);
    INFO(mistake);
    CHECK(mistake.find("h.yaml:7") == 0);
    CHECK(mistake.find("abcdef") == std::string::npos);
  }
}

TEST_CASE("without TLS and tokens only loopback is listened at", "[config]") {
  const auto listen = [](const std::string& face, const std::string& address) {
    return mistakes_of(face + ": { listen: '" + address + "' }\nteachers:\n" + kTeacher).size();
  };
  for (const char* good : {"127.0.0.1:7070", "127.8.9.1:0", "localhost:1", "[::1]:65535"}) {
    CHECK(listen("grpc", good) == 0);
    CHECK(listen("http", good) == 0);
  }
  for (const char* bad : {"0.0.0.0:7070", "[::]:7070", "192.168.1.1:7070", "example.org:7070", "127.0.0.1", ":7070",
                          "127.0.0.1:65536", "127.0.0.1:x", "127.0.0.1.evil.example:80"}) {
    INFO(bad);
    CHECK(listen("grpc", bad) == 1);
    CHECK(listen("http", bad) == 1);
  }
  CHECK(listen("grpc", "unix:/run/harvest.sock") == 0);
  CHECK(listen("http", "unix:/run/harvest.sock") == 1);
}

TEST_CASE("a file that is not there is said to be so", "[config]") {
  const auto config = load("no-such-file.yaml", kKnown);
  CHECK(config.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(config.status().message() == "no-such-file.yaml: cannot be read: No such file or directory");
}

TEST_CASE("a teacher whose name does not tell its model is refused where it must say so", "[config]") {
  Known known = kKnown;
  known.must_state_line = [](const harvest::v1::Teacher& teacher) -> std::string {
    return teacher.model() == "m" ? "found none, but" : "";
  };
  const auto config = parse("teachers:\n" + kTeacher, "h.yaml", known);
  CHECK(config.status().message().find("teachers[0].model_owner: found none, but") != absl::string_view::npos);
}

TEST_CASE("benchmarks are named once each, by a name that filters can hold, and have a file", "[config]") {
  const auto with = [](const std::string& list) {
    return mistakes_of("teachers:\n" + kTeacher + "quality: { personal_data: mask, benchmarks: [" + list + "] }\n");
  };
  CHECK(with("{ name: gsm8k, file: a.txt }, { name: mmlu.test, file: b.jsonl }").empty());
  const std::vector<std::string> mistakes =
      with("{ name: a, file: a.txt }, { name: a, file: b.txt }, { name: 'x|y', file: c.txt }, { name: d }");
  REQUIRE(mistakes.size() == 3);
  CHECK(mistakes[0].find("quality.benchmarks[1].name: found 'a' a second time") != std::string::npos);
  CHECK(mistakes[1].find("quality.benchmarks[2].name: found 'x|y', expected 1 to 64 letters") != std::string::npos);
  CHECK(mistakes[2].find("quality.benchmarks[3].file: found none") != std::string::npos);
}

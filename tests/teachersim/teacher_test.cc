// The account: one request's story, the ledger's lines, the bill, mischief; without a socket.
#include "tests/teachersim/teacher.h"

#include <stdlib.h>

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "tests/teachersim/moment_at.h"

using namespace teachersim;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "teachersim-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string body_of(const std::string& prompt) {
  return R"({"model":"m","messages":[{"role":"user","content":")" + prompt + R"("}],"max_tokens":50})";
}

struct Desk {
  TempFolder folder;
  std::string path = folder.file("ledger.jsonl");
  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<Teacher> teacher;

  explicit Desk(Conduct conduct, bool with_content = false) {
    std::string error;
    ledger = Ledger::open(path, with_content, error);
    REQUIRE(error.empty());
    teacher = std::make_unique<Teacher>(std::move(conduct), ledger.get(), 1);
  }

  Visit receive(const std::string& prompt, limits::Time now = 1s, std::string_view key = "", int endpoint = 0) {
    const std::string body = body_of(prompt);
    return teacher->receive(Call{"POST", "/v1/chat/completions", key, body, endpoint}, moment_at(now));
  }
  Delivery ask(const std::string& prompt, limits::Time now = 1s, std::string_view key = "", int endpoint = 0) {
    Visit visit = receive(prompt, now, key, endpoint);
    const limits::Time due = now + visit.delay;
    return teacher->finish(std::move(visit), moment_at(due));
  }
  Delivery stream(const std::string& prompt) {
    std::string body = body_of(prompt);
    body.insert(body.size() - 1, R"(,"stream":true,"stream_options":{"include_usage":true})");
    return teacher->finish(teacher->receive(Call{"POST", "/v1/chat/completions", "", body}, moment_at(1s)),
                           moment_at(1s));
  }
  std::vector<json::value> lines() {
    REQUIRE(ledger->flush());
    std::ifstream file(path);
    std::vector<json::value> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(json::parse(line));
    return lines;
  }
  json::value stats() const { return json::parse(teacher->stats_json(10s)); }
};

std::string content_of(const Delivery& delivery) {
  return std::string(json::parse(delivery.reply.body).at_pointer("/choices/0/message/content").as_string());
}

}  // namespace

TEST_CASE("an answer is in the books with its hashes and its price", "[teacher]") {
  Desk desk(Conduct{.prices = {.input = 150'000, .cached = 30'000, .output = 600'000}}, true);
  const Delivery delivery = desk.ask("What is a lever?");
  const auto lines = desk.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].at("event") == "received");
  CHECK(lines[0].at("model") == "m");
  CHECK(lines[0].at("key") == 0);
  CHECK(lines[0].at("prompt_sha256") == json::value(sha256_hex("What is a lever?")));
  CHECK(lines[1].at("event") == "answered");
  CHECK(lines[1].at("id") == lines[0].at("id"));
  CHECK(lines[1].at("id") == json::value(delivery.request_id));
  CHECK(lines[1].at("id") == json::parse(delivery.reply.body).at("id"));
  CHECK(lines[1].at("answer_sha256").as_array()[0] == json::value(sha256_hex(content_of(delivery))));
  CHECK(lines[1].at("content").as_array()[0] == json::value(content_of(delivery)));
  CHECK(lines[1].at("input_tokens") == 8);
  CHECK(lines[1].at("output_tokens") == 50);
  CHECK(lines[1].at("cost_picodollars") == 8 * 150'000 + 50 * 600'000);
  CHECK(desk.stats().at("billed_usd") == "0.000031200000");
}

TEST_CASE("the ledger appends and its hash is the known one", "[teacher]") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  TempFolder folder;
  std::string error;
  for (int run = 0; run < 2; ++run) {
    auto ledger = Ledger::open(folder.file("l"), false, error);
    REQUIRE(ledger != nullptr);
    ledger->failed({"id", "hash"}, "500", moment_at(1s));
    CHECK(ledger->pending());
    CHECK(ledger->flush());
    CHECK_FALSE(ledger->pending());
  }
  std::ifstream file(folder.file("l"));
  CHECK(std::count(std::istreambuf_iterator<char>(file), {}, '\n') == 2);
  CHECK(Ledger::open(folder.file("no/such/folder"), false, error) == nullptr);
  CHECK(error.find("No such file") != std::string::npos);
}

TEST_CASE("a full disk is told and not swallowed", "[teacher]") {
  std::string error;
  auto ledger = Ledger::open("/dev/full", false, error);
  REQUIRE(ledger != nullptr);
  ledger->failed({"id", "hash"}, "500", moment_at(1s));
  CHECK_FALSE(ledger->flush());
}

TEST_CASE("a wrong key is unauthorised and never written", "[teacher]") {
  Desk desk(Conduct{.api_keys = {"first-secret", "second-secret"}});
  CHECK(desk.ask("x", 1s, "wrong-secret").reply.status == 401);
  CHECK(desk.ask("x", 1s, "").reply.status == 401);
  CHECK(desk.ask("x", 1s, "second-secret").reply.status == 200);
  const auto lines = desk.lines();
  CHECK(lines[0].at("key") == -1);
  CHECK(lines[1].at("reason") == "unauthorized");
  CHECK(lines[4].at("key") == 1);
  std::ifstream file(desk.path);
  const std::string all((std::istreambuf_iterator<char>(file)), {});
  CHECK(all.find("secret") == std::string::npos);
}

TEST_CASE("a throttled request is told why and is not billed", "[teacher]") {
  Desk desk(Conduct{.limits = {.requests_per_minute = 1, .enforcement = limits::Enforcement::kFixedWindow}});
  CHECK(desk.ask("x", 1s).reply.status == 200);
  const Delivery refused = desk.ask("x", 2s);
  CHECK(refused.reply.status == 429);
  CHECK(refused.reply.headers.find("retry-after: 58\r\n") != std::string::npos);
  CHECK(refused.reply.headers.find("x-ratelimit-remaining-requests: 0\r\n") != std::string::npos);
  CHECK(desk.lines().back().at("reason") == "requests");
  CHECK(desk.stats().at_pointer("/throttled/requests") == 1);
  CHECK(desk.ask("x", 60s).reply.status == 200);
}

TEST_CASE("a slot is held until the answer is finished", "[teacher]") {
  Desk desk(Conduct{.limits = {.concurrency = 1}, .latency = {.base = 5s}});
  Visit first = desk.receive("x", 1s);
  CHECK(first.delay == 5s);
  CHECK(desk.ask("y", 2s).reply.status == 429);
  CHECK(desk.teacher->finish(std::move(first), moment_at(6s)).reply.status == 200);
  CHECK(desk.ask("y", 7s).reply.status == 200);
  CHECK(desk.stats().at("in_flight") == 0);
  CHECK(desk.stats().at("peak_in_flight") == 1);
}

TEST_CASE("a marker decides what happens to its prompt alone", "[teacher]") {
  Desk desk(Conduct{});
  CHECK(desk.ask("[sim:503]").reply.status == 503);
  CHECK(desk.ask("[sim:400] x").reply.status == 400);
  CHECK(desk.ask("[sim:stall]").manner == Manner::kStall);
  CHECK(desk.ask("[sim:reset]").manner == Manner::kResetMidway);
  CHECK(desk.ask("[sim:vanish]").manner == Manner::kVanish);
  CHECK(desk.ask("[sim:truncate]").manner == Manner::kTruncate);
  CHECK(desk.ask("[sim:cut]").manner == Manner::kWhole);
  CHECK(desk.ask("[sim:html]").reply.content_type == "text/html");
  CHECK(json::parse(desk.ask("[sim:refuse]").reply.body).at_pointer("/choices/0/finish_reason") == "content_filter");
  CHECK(json::parse(desk.ask("[sim:error-in-200]").reply.body).as_object().contains("error"));
  CHECK_FALSE(json::parse(desk.ask("[sim:no-usage]").reply.body).as_object().contains("usage"));
  CHECK(json::parse(desk.ask("[sim:no-such-word]").reply.body).as_object().contains("usage"));
  boost::system::error_code broken;
  json::parse(desk.ask("[sim:garbage]").reply.body, broken);
  CHECK(broken);
  json::parse(desk.ask("[sim:bad-utf8]").reply.body, broken);
  CHECK(broken);
  CHECK(desk.receive("[sim:slow]").delay == 5s);
  CHECK(desk.ask("an ordinary prompt").reply.status == 200);
}

TEST_CASE("mischief after the answer was computed is billed and other mischief is not", "[teacher]") {
  for (const auto& [word, event] : std::vector<std::pair<std::string, std::string>>{{"reset", "answered"},
                                                                                    {"vanish", "answered"},
                                                                                    {"truncate", "answered"},
                                                                                    {"refuse", "answered"},
                                                                                    {"stall", "failed"},
                                                                                    {"garbage", "failed"},
                                                                                    {"error-in-200", "failed"},
                                                                                    {"500", "failed"}}) {
    INFO(word);
    Desk desk(Conduct{});
    desk.ask("[sim:" + word + "]");
    const auto lines = desk.lines();
    REQUIRE(lines.size() == 2);
    CHECK(lines[1].at("event") == json::value(event));
    if (event == "failed") CHECK(lines[1].at("reason") == json::value(word));
  }
}

TEST_CASE("a stream is billed and hashed as the whole answer is", "[teacher]") {
  Desk whole(Conduct{.shape = {.reasoning_tokens = 5}}, true);
  Desk streamed(Conduct{.shape = {.reasoning_tokens = 5}}, true);
  whole.ask("the same");
  const Delivery delivery = streamed.stream("the same");
  CHECK(delivery.reply.body.empty());
  CHECK(delivery.reply.events.size() > 3);
  for (const char* member : {"answer_sha256", "content", "input_tokens", "output_tokens", "reasoning_tokens"}) {
    CHECK(whole.lines()[1].at(member) == streamed.lines()[1].at(member));
  }
}

TEST_CASE("mischief strikes a stream in its middle", "[teacher]") {
  Desk desk(Conduct{});
  const std::size_t all = desk.stream("whole").reply.events.size();
  const auto half = (all + 1) / 2;
  for (const char* word : {"reset", "truncate", "cut", "stall"}) {
    INFO(word);
    CHECK(desk.stream(std::string("[sim:") + word + "]").reply.events.size() == half);
  }
  const auto error = desk.stream("[sim:error-in-200:too_hot]").reply.events;
  REQUIRE(error.size() == half + 1);
  const json::value worded = json::parse(error.back().substr(6));
  CHECK(worded.at_pointer("/error/message") == "Provider returned error");
  const auto garbage = desk.stream("[sim:garbage]").reply.events;
  REQUIRE(garbage.size() == half + 1);
  CHECK(garbage.back().ends_with("\n\n"));
  for (const std::string& event : desk.stream("[sim:no-usage]").reply.events)
    CHECK(event.find("prompt_tokens") == std::string::npos);
  const Delivery spoilt = desk.stream("[sim:bad-utf8]");
  CHECK(spoilt.reply.events[1].find("\xC3\x28\xFF") != std::string::npos);
  CHECK(desk.stream("[sim:503]").reply.status == 503);
  CHECK(desk.stream("[sim:html]").reply.events.empty());
}

TEST_CASE("a counted marker strikes its first times only", "[teacher]") {
  Desk desk(Conduct{});
  CHECK(desk.ask("[sim:500*2]").reply.status == 500);
  CHECK(desk.ask("[sim:500*2]").reply.status == 500);
  CHECK(desk.ask("[sim:500*2]").reply.status == 200);
  CHECK(desk.ask("[sim:500*2] another").reply.status == 500);
}

TEST_CASE("rates are met and the same seed strikes the same prompts in any order", "[teacher]") {
  const Conduct conduct{.rates = {.error = 0.2, .refusal = 0.1}};
  Desk forwards(conduct);
  Desk backwards(conduct);
  constexpr int kPrompts = 2000;
  std::set<int> struck;
  std::set<int> struck_again;
  for (int i = 0; i < kPrompts; ++i) {
    if (forwards.ask("prompt " + std::to_string(i)).reply.status != 200) struck.insert(i);
    const int j = kPrompts - 1 - i;
    if (backwards.ask("prompt " + std::to_string(j)).reply.status != 200) struck_again.insert(j);
  }
  CHECK(struck == struck_again);
  CHECK(struck.size() == Approx(0.2 * kPrompts).epsilon(0.15));
  CHECK(forwards.stats().at("refused").as_int64() == Approx(0.1 * kPrompts).epsilon(0.2));
  // A repeated question draws anew, so that a retry can succeed.
  int mended = 0;
  for (const int i : struck) mended += forwards.ask("prompt " + std::to_string(i)).reply.status == 200 ? 1 : 0;
  CHECK(mended > static_cast<int>(struck.size()) / 2);
}

TEST_CASE("being cut off is for ever", "[teacher]") {
  Desk desk(Conduct{.cut_off_after = 2, .cut_off_status = 403});
  CHECK(desk.ask("a").reply.status == 200);
  CHECK(desk.ask("b").reply.status == 200);
  for (int i = 0; i < 3; ++i) CHECK(desk.ask("c").reply.status == 403);
  Desk unpaid(Conduct{.billing_stop_after = 0});
  const Delivery delivery = unpaid.ask("a");
  CHECK(delivery.reply.status == 429);
  CHECK(json::parse(delivery.reply.body).at_pointer("/error/code") == "insufficient_quota");
  CHECK(unpaid.lines().back().at("event") == "failed");
}

TEST_CASE("endpoints fail and die one by one", "[teacher]") {
  Desk desk(Conduct{.failing_endpoints = {1}, .dead_times = {{10s, 20s, 0}, {30s, 31s, -1}}});
  CHECK(desk.ask("a", 1s, "", 0).reply.status == 200);
  CHECK(desk.ask("a", 1s, "", 1).reply.status == 503);
  CHECK(desk.ask("a", 10s, "", 0).manner == Manner::kReset);
  CHECK(desk.ask("a", 10s, "", 2).reply.status == 200);
  CHECK(desk.ask("a", 20s, "", 0).reply.status == 200);
  CHECK(desk.ask("a", 30s, "", 2).manner == Manner::kReset);
}

TEST_CASE("only the models that are served are answered", "[teacher]") {
  Desk desk(Conduct{.models = {"another"}});
  const Delivery delivery = desk.ask("a");
  CHECK(delivery.reply.status == 404);
  CHECK(json::parse(delivery.reply.body).at_pointer("/error/code") == "model_not_found");
  const Reply list = desk.teacher->page(Call{"GET", "/v1/models"}, moment_at(1s));
  CHECK(json::parse(list.body).at_pointer("/data/0/id") == "another");
  CHECK(desk.teacher->page(Call{"GET", "/healthz"}, moment_at(1s)).status == 200);
  CHECK(desk.teacher->page(Call{"GET", "/elsewhere"}, moment_at(1s)).status == 404);
}

TEST_CASE("a log-normal latency has the median that was asked for", "[teacher]") {
  Draw draw(3);
  int below = 0;
  for (int i = 0; i < 10'000; ++i) below += draw_latency({.base = 1s, .sigma = 0.5}, draw) < 1s ? 1 : 0;
  CHECK(below == Approx(5000).epsilon(0.05));
  for (int i = 0; i < 1000; ++i) {
    const limits::Time latency = draw_latency({.base = 1s, .jitter = 500ms}, draw);
    CHECK((latency >= 1s && latency < 1500ms));
  }
}

TEST_CASE("prices are exact decimals", "[teacher]") {
  std::int64_t price = 0;
  CHECK((parse_price("0.15", price) && price == 150'000));
  CHECK((parse_price("3", price) && price == 3'000'000));
  CHECK((parse_price("0.000001", price) && price == 1));
  for (const char* wrong : {"", ".", "-1", "1e3", "0.0000001", "1.2.3", "abc"}) CHECK_FALSE(parse_price(wrong, price));
  CHECK(usd(1'234'567) == "0.000001234567");
}

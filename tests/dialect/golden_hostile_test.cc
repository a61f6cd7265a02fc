// Whatever a teacher sends ends in an outcome, for every dialect: the golden answers and streams are cut, changed and
// mistyped. A cut one is no answer, and what counts as one is read from the store as it was when it arrived.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <random>

#include "service/dialect/registry/registry.h"
#include "tests/dialect/golden_case.h"

using namespace harvest;
using testing::GoldenCase;
using testing::kGoldenUtcUs;

namespace {

const size_t kPositionsMax = testing::scaled(2000);  ///< of a body; a longer one is sampled

bool stores(const dialect::Outcome& outcome) {
  return outcome.kind == v1::ANSWERED || outcome.kind == v1::REFUSED;
}

struct Body {
  std::string place;  ///< file and case
  const dialect::Dialect* dialect;
  dialect::HttpExchange exchange;
  bool whole = false;  ///< it decodes to an answer
};

/// Every golden response with a body.
const std::vector<Body>& bodies() {
  static const std::vector<Body> kBodies = [] {
    std::vector<Body> all;
    for (const GoldenCase& golden : testing::golden_cases()) {
      if (testing::is_request(golden)) continue;
      Body body{.place = golden.dialect + "/" + golden.file + ": " + golden.name,
                .dialect = dialect::find_dialect(golden.dialect),
                .exchange = testing::exchange_of(golden)};
      if (body.dialect == nullptr || body.exchange.body.empty()) continue;
      body.whole = stores(body.dialect->decode(body.exchange, kGoldenUtcUs));
      all.push_back(std::move(body));
    }
    return all;
  }();
  return kBodies;
}

bool succeeded(const Body& body) {
  return body.exchange.error == dialect::WireError::kNone && body.exchange.status / 100 == 2;
}

/// The same exchange with another body. A copy of its own, so that reading behind its end is seen by a sanitizer.
dialect::HttpExchange with_body(const Body& body, std::string text) {
  dialect::HttpExchange exchange = body.exchange;
  exchange.body = std::move(text);
  return exchange;
}

bool same(const dialect::Outcome& a, const dialect::Outcome& b) {
  if (a.kind != b.kind || a.model_reported != b.model_reported || a.choices.size() != b.choices.size() ||
      a.system_fingerprint != b.system_fingerprint || a.usage.SerializeAsString() != b.usage.SerializeAsString())
    return false;
  return std::equal(
      a.choices.begin(), a.choices.end(), b.choices.begin(), [](const dialect::Choice& x, const dialect::Choice& y) {
        return x.message.SerializeAsString() == y.message.SerializeAsString() && x.finish_reason == y.finish_reason &&
               x.refused == y.refused && x.truncated == y.truncated && x.logprobs_json == y.logprobs_json &&
               x.soft_labels.SerializeAsString() == y.soft_labels.SerializeAsString();
      });
}

/// What has to hold of any body; empty where it does.
std::string fault_of(const Body& body, const dialect::HttpExchange& exchange, const dialect::Outcome& outcome) {
  if (outcome.message.size() > 500) return "a message beyond its bound";
  if (stores(outcome) == outcome.choices.empty()) return "choices without an answer, or an answer without choices";
  if (outcome.first_token_end > exchange.body.size()) return "a first token behind the end";
  for (const dialect::Choice& choice : outcome.choices) {
    v1::Message parsed;
    if (!parsed.ParseFromString(choice.message.SerializeAsString())) return "text that is no UTF-8";
    boost::json::error_code error;
    if (const std::string& calls = choice.message.tool_calls_json();
        !calls.empty() && !boost::json::parse(calls, error).is_array())
      return "tool calls that are no JSON: " + calls;
    if (!choice.logprobs_json.empty()) boost::json::parse(choice.logprobs_json, error);
    if (error) return "logprobs that are no JSON: " + choice.logprobs_json;
  }
  if (!stores(outcome)) return {};
  const auto stored = body.dialect->decode_stored(exchange.body);
  if (!stored.ok()) return "the store cannot read it: " + std::string(stored.status().message());
  return same(*stored, outcome) ? "" : "the store reads it otherwise";
}

dialect::Outcome check(const Body& body, std::string text) {
  const dialect::HttpExchange exchange = with_body(body, std::move(text));
  dialect::Outcome outcome = body.dialect->decode(exchange, kGoldenUtcUs);
  const std::string wrong = fault_of(body, exchange, outcome);
  if (!wrong.empty()) FAIL_CHECK(body.place << ": " << wrong << "\n" << exchange.body);
  return outcome;
}

/// All positions of a short body, some of a long one; always the last ones.
std::vector<size_t> positions(size_t size, std::mt19937& random) {
  std::vector<size_t> all;
  if (size <= kPositionsMax) {
    for (size_t at = 0; at < size; ++at) all.push_back(at);
    return all;
  }
  for (size_t i = 0; i < kPositionsMax; ++i) all.push_back(random() % size);
  for (size_t at = size - 50; at < size; ++at) all.push_back(at);
  return all;
}

/// Streams that, cut at some byte, are whole by all that has come: the rest would only have changed what was said.
constexpr std::array<std::string_view, 2> kChangedLate{
    "azure-openai/streams.json: filtered after its end was said",          // the filter speaks behind the end
    "openai-completions/streams.json: one of two choices ended is no end"  // the other had not yet begun
};

/// Where values stand in JSON text: behind a colon, up to its end.
struct Span {
  size_t begin, end;
};

/// The end of the value that begins at `at`. Naive of malformed text, of which there is none here.
size_t value_end(std::string_view text, size_t at) {
  int depth = 0;
  bool quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\\') ++at;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (depth == 0 && (c == ',' || c == '}' || c == ']' || c == '\n')) return at;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
  }
  return text.size();
}

std::vector<Span> values(std::string_view text) {
  std::vector<Span> all;
  for (size_t at = text.find("\":"); at != std::string_view::npos; at = text.find("\":", at + 1))
    all.push_back({at + 2, value_end(text, at + 2)});
  return all;
}

constexpr std::array<std::string_view, 14> kOddValues{
    "null", "true",   "false",         "0",  "-1",    "1.5", "1e308", "18446744073709551615", "\"x\"",
    "\"\"", "[null]", "[[],{},\"x\"]", "{}", "[[{}]]"};

}  // namespace

TEST_CASE("a golden answer cut at any byte is whole or none, never a shorter one", "[dialect][hostile]") {
  std::mt19937 random(7);
  int whole = 0;
  for (const Body& body : bodies()) {
    if (std::find(kChangedLate.begin(), kChangedLate.end(), body.place) != kChangedLate.end()) continue;
    const dialect::Outcome uncut = body.dialect->decode(body.exchange, kGoldenUtcUs);
    const std::string& text = body.exchange.body;
    for (const size_t size : positions(text.size(), random)) {
      const dialect::Outcome outcome = check(body, text.substr(0, size));
      // A failure's status says what it is, whatever is left of its body.
      if (!succeeded(body) || !stores(outcome)) continue;
      INFO(body.place << " cut at " << size << " of " << text.size());
      CHECK(body.whole);
      // What is cut off may be behind its end: a sign-off, or the figures of its cost.
      REQUIRE(outcome.choices.size() == uncut.choices.size());
      for (size_t i = 0; i < uncut.choices.size(); ++i) {
        CHECK(outcome.choices[i].message.SerializeAsString() == uncut.choices[i].message.SerializeAsString());
        CHECK(outcome.choices[i].finish_reason == uncut.choices[i].finish_reason);
        CHECK(outcome.choices[i].logprobs_json == uncut.choices[i].logprobs_json);
      }
    }
    whole += body.whole ? 1 : 0;
  }
  CHECK(whole >= 40);
}

TEST_CASE("a golden body with any byte changed ends in an outcome", "[dialect][hostile]") {
  std::mt19937 random(8);
  constexpr std::string_view kTelling = "\"\\{}[]:,\n\r 0-\0\xFF\xC3";
  for (const Body& body : bodies())
    for (const size_t at : positions(body.exchange.body.size(), random)) {
      std::string text = body.exchange.body;
      text[at] = random() % 2 == 0 ? kTelling[random() % kTelling.size()] : static_cast<char>(random());
      check(body, std::move(text));
    }
}

TEST_CASE("golden bodies with pieces left out, doubled or exchanged end in an outcome", "[dialect][hostile]") {
  std::mt19937 random(9);
  for (const Body& body : bodies()) {
    const std::string& whole = body.exchange.body;
    for (size_t i = 0; i < testing::scaled(150); ++i) {
      const size_t from = random() % whole.size(), size = random() % 40, to = random() % whole.size();
      std::string text = whole;
      if (i % 3 == 0) text.erase(from, size);
      if (i % 3 == 1) text.insert(to, whole.substr(from, size));
      if (i % 3 == 2) text.replace(to, size, whole.substr(from, size));
      if (!text.empty()) check(body, std::move(text));
    }
  }
}

TEST_CASE("any value of a golden body may be of any type", "[dialect][hostile]") {
  std::mt19937 random(10);
  int count = 0;
  for (const Body& body : bodies()) {
    std::vector<Span> spans = values(body.exchange.body);
    std::shuffle(spans.begin(), spans.end(), random);
    if (spans.size() > testing::scaled(150)) spans.resize(testing::scaled(150));
    for (const Span span : spans)
      for (const std::string_view value : kOddValues) {
        std::string text = body.exchange.body;
        check(body, text.replace(span.begin, span.end - span.begin, value));
        ++count;
      }
  }
  CHECK(count > 10000);
}

TEST_CASE("a connection that breaks behind a golden stream's end costs nothing", "[dialect][hostile]") {
  for (const Body& body : bodies()) {
    if (!body.whole || !succeeded(body) || !body.dialect->decode(body.exchange, kGoldenUtcUs).first_token_end) continue;
    INFO(body.place);
    dialect::HttpExchange exchange = body.exchange;
    exchange.error = dialect::WireError::kReset;
    const dialect::Outcome outcome = body.dialect->decode(exchange, kGoldenUtcUs);
    CHECK(stores(outcome));
    exchange.body.clear();
    CHECK(body.dialect->decode(exchange, kGoldenUtcUs).vendor_code == "connection_reset");
  }
}

TEST_CASE("depth and emptiness end in a fault in every dialect", "[dialect][hostile]") {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += i % 2 == 0 ? "[" : "{\"a\":";
  for (const std::string_view name : dialect::dialects())
    for (const std::string& text : std::vector<std::string>{"",
                                                            "\n",
                                                            "\r\n\r\n",
                                                            "{}",
                                                            "[]",
                                                            "null",
                                                            "0",
                                                            "\"x\"",
                                                            "data:",
                                                            "data: {}\n\n",
                                                            "event: x\n\n",
                                                            ":\n\n",
                                                            "{}\n",
                                                            "{}\n{}\n",
                                                            std::string("\0\0\0", 3),
                                                            deep,
                                                            "data: " + deep + "\n\n",
                                                            deep + "\n" + deep + "\n",
                                                            "{\"message\":" + deep,
                                                            "{\"error\":" + deep}) {
      INFO(name << ": " << text.substr(0, 80));
      dialect::HttpExchange exchange;
      exchange.sent = true;
      exchange.status = 200;
      exchange.body = text;
      CHECK(dialect::find_dialect(name)->decode(exchange, kGoldenUtcUs).kind == v1::FAULTED);
      CHECK_FALSE(dialect::find_dialect(name)->decode_stored(text).ok());
    }
}

#include "service/dialect/sse.h"

#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "service/dialect/lines.h"

using namespace harvest::dialect;

namespace {

struct Seen {
  std::string name, data;
  bool operator==(const Seen&) const = default;
};

std::vector<Seen> events(std::string_view body) {
  std::vector<Seen> all;
  SseSplitter splitter(body);
  SseEvent event;
  while (splitter.next(event)) all.push_back({std::string(event.name), std::string(event.data)});
  CHECK(splitter.offset() == body.size());
  return all;
}

std::vector<std::string> lines(std::string_view body) {
  std::vector<std::string> all;
  LineSplitter splitter(body);
  std::string_view line;
  while (splitter.next(line)) all.emplace_back(line);
  return all;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

}  // namespace

TEST_CASE("an event is its data up to a blank line", "[dialect][sse]") {
  CHECK(events("data: a\n\ndata: b\n\n") == std::vector<Seen>{{"", "a"}, {"", "b"}});
  CHECK(events("event: x\ndata: a\n\ndata: b\n\n") == std::vector<Seen>{{"x", "a"}, {"", "b"}});
  CHECK(events("").empty());
  CHECK(events("\n\n\n").empty());
}

TEST_CASE("lines end in any of three ways, also mixed", "[dialect][sse]") {
  const std::string body = "event: x\ndata: a\ndata: b\n\n: c\n\ndata: d\n\n";
  const std::vector<Seen> expected{{"x", "a\nb"}, {"", "d"}};
  CHECK(events(body) == expected);
  CHECK(events(replaced(body, "\n", "\r\n")) == expected);
  CHECK(events(replaced(body, "\n", "\r")) == expected);
  CHECK(events("event: x\r\ndata: a\rdata: b\n\r\n: c\n\ndata: d\r\r") == expected);
}

TEST_CASE("one space behind the colon is no part of the value", "[dialect][sse]") {
  CHECK(events("data:a\n\ndata: a\n\ndata:  a\n\n") == std::vector<Seen>{{"", "a"}, {"", "a"}, {"", " a"}});
  CHECK(events("data: a:b\n\n") == std::vector<Seen>{{"", "a:b"}});
}

TEST_CASE("several data lines are joined by line feeds", "[dialect][sse]") {
  CHECK(events("data: a\ndata\ndata: b\n\n") == std::vector<Seen>{{"", "a\n\nb"}});
  CHECK(events("data: a\nevent: x\ndata: b\n\n") == std::vector<Seen>{{"x", "a\nb"}});
  // The joined text belongs to its event, not to the next one.
  CHECK(events("data: a\ndata: b\n\ndata: c\n\ndata: d\ndata: e\n\n") ==
        std::vector<Seen>{{"", "a\nb"}, {"", "c"}, {"", "d\ne"}});
}

TEST_CASE("comments and other fields are passed over, and names that only begin alike", "[dialect][sse]") {
  CHECK(events(": ping\n\nid: 1\nretry: 5\nfoo\ndata: a\n: in the midst\n\n") == std::vector<Seen>{{"", "a"}});
  CHECK(events("database: x\ndata : y\neventful: z\n DATA: w\ndata: a\n\n") == std::vector<Seen>{{"", "a"}});
}

TEST_CASE("an event without data is none, and its name does not go on to the next", "[dialect][sse]") {
  CHECK(events("event: x\n\ndata: a\n\n") == std::vector<Seen>{{"", "a"}});
  CHECK(events("event: x\n").empty());
  CHECK(events("data:\n\n") == std::vector<Seen>{{"", ""}});
}

TEST_CASE("a last event counts without its blank line", "[dialect][sse]") {
  CHECK(events("data: a\n\ndata: b") == std::vector<Seen>{{"", "a"}, {"", "b"}});
  CHECK(events("data: a\n") == std::vector<Seen>{{"", "a"}});
}

TEST_CASE("a byte order mark counts at the beginning only", "[dialect][sse]") {
  CHECK(events("\xEF\xBB\xBF"
               "data: a\n\n\xEF\xBB\xBF"
               "data: b\n\n") == std::vector<Seen>{{"", "a"}});
}

TEST_CASE("the offset stands behind the event that was read", "[dialect][sse]") {
  const std::string first = "data: a\r\n\r\n", second = ": x\n\ndata: b\n\n";
  const std::string body = first + second + "data: c";
  SseSplitter splitter(body);
  SseEvent event;
  CHECK(splitter.offset() == 0);
  REQUIRE(splitter.next(event));
  CHECK(splitter.offset() == first.size());
  REQUIRE(splitter.next(event));
  CHECK(splitter.offset() == first.size() + second.size());
  REQUIRE(splitter.next(event));
  CHECK(splitter.offset() == body.size());
  CHECK_FALSE(splitter.next(event));
}

TEST_CASE("any bytes come to their end", "[dialect][sse]") {
  constexpr std::string_view kAlphabet("\r\n:d at\xEF\xBB\xBF\0", 12);
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    std::string body = i % 2 == 0 ? "data" : "";
    for (size_t length = random() % 24; length > 0; --length) body += kAlphabet[random() % kAlphabet.size()];
    events(body);
    for (const std::string& line : lines(body)) CHECK_FALSE(line.empty());
  }
}

TEST_CASE("lines are trimmed, blank ones passed over, the last needs no line feed", "[dialect][lines]") {
  CHECK(lines("{\"a\":1}\r\n\n  \n {\"b\":2} \n{\"c\":3}") ==
        std::vector<std::string>{"{\"a\":1}", "{\"b\":2}", "{\"c\":3}"});
  CHECK(lines("").empty());
  CHECK(lines("\n \r\n").empty());
}

TEST_CASE("the offset stands behind the line that was read", "[dialect][lines]") {
  const std::string_view body = "\na\r\nbc\n";
  LineSplitter splitter(body);
  std::string_view line;
  REQUIRE(splitter.next(line));
  CHECK(splitter.offset() == 4);
  REQUIRE(splitter.next(line));
  CHECK(splitter.offset() == body.size());
  CHECK_FALSE(splitter.next(line));
}

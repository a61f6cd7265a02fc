#include "service/dialect/bedrock/event_stream.h"

#include <catch2/catch.hpp>
#include <random>

#include "tests/dialect/event_stream_bytes.h"

using namespace harvest;
using dialect::EventStreamMessage;
using dialect::EventStreamSplitter;
using Stop = EventStreamSplitter::Stop;

namespace {

std::string bytes(const char* text, size_t size) {
  return {text, size};
}

/// How many messages, and why it stopped.
std::pair<size_t, Stop> split(const std::string& body) {
  EventStreamSplitter splitter(body);
  EventStreamMessage message;
  size_t count = 0;
  while (splitter.next(message)) ++count;
  return {count, splitter.stop()};
}

}  // namespace

TEST_CASE("messages that AWS's own clients are tested with", "[dialect][event_stream]") {
  const std::string empty = bytes("\0\0\0\x10\0\0\0\0\x05\xC2H\xEB}\x98\xC8\xFF", 16);
  CHECK(split(empty) == std::pair(size_t{1}, Stop::kEnd));

  const std::string with_number = bytes(
      "\0\0\0+\0\0\0\x0E"
      "4\x8B\xEC{\x08"
      "event-id\x04\0\0\xA0\x0C{'foo':'bar'}\xD3\x89\x02\x85",
      43);
  EventStreamSplitter splitter(with_number);
  EventStreamMessage message;
  REQUIRE(splitter.next(message));
  CHECK(message.payload == "{'foo':'bar'}");
  CHECK(splitter.offset() == with_number.size());
  CHECK_FALSE(splitter.next(message));
  CHECK(splitter.stop() == Stop::kEnd);
}

TEST_CASE("events, exceptions and errors bear their names", "[dialect][event_stream]") {
  const std::string body =
      testing::event("messageStart", "{}") + testing::exception("throttlingException", "[]") + testing::error("c", "w");
  EventStreamSplitter splitter(body);
  EventStreamMessage message;
  REQUIRE(splitter.next(message));
  CHECK(message.message_type == "event");
  CHECK(message.name == "messageStart");
  CHECK(message.payload == "{}");
  REQUIRE(splitter.next(message));
  CHECK(message.message_type == "exception");
  CHECK(message.name == "throttlingException");
  REQUIRE(splitter.next(message));
  CHECK(message.message_type == "error");
  CHECK(message.name == "c");
  CHECK(message.words == "w");
  CHECK(message.payload.empty());
  CHECK_FALSE(splitter.next(message));
  CHECK(splitter.stop() == Stop::kEnd);
}

TEST_CASE("headers of every type are passed over, of an unknown type none is", "[dialect][event_stream]") {
  const std::string named = testing::text_header(":event-type", "e");
  const auto with_value = [](char type, const std::string& value) { return "\x01n" + std::string(1, type) + value; };
  for (const auto& [type, size] : {std::pair{0, 0}, {1, 0}, {2, 1}, {3, 2}, {4, 4}, {5, 8}, {8, 8}, {9, 16}}) {
    INFO(type);
    const std::string body =
        testing::raw_message(with_value(static_cast<char>(type), std::string(size, 'x')) + named, "p");
    EventStreamSplitter splitter(body);
    EventStreamMessage message;
    REQUIRE(splitter.next(message));
    CHECK(message.name == "e");
    CHECK(message.payload == "p");
  }
  CHECK(split(testing::raw_message(with_value(6, testing::big_endian(3, 2) + "abc") + named, "")).first == 1);
  CHECK(split(testing::raw_message(with_value(10, "") + named, "")) == std::pair(size_t{0}, Stop::kDamaged));
  // A text that would reach past the headers.
  CHECK(split(testing::raw_message(with_value(7, testing::big_endian(9, 2) + "abc"), "")) ==
        std::pair(size_t{0}, Stop::kDamaged));
}

TEST_CASE("a body cut at any byte tells that it was", "[dialect][event_stream]") {
  const std::string first = testing::event("a", "{}"), body = first + testing::event("b", "[1,2]");
  for (size_t size = 0; size <= body.size(); ++size) {
    INFO(size);
    const bool whole = size == 0 || size == first.size() || size == body.size();
    const size_t count = size == body.size() ? 2 : size >= first.size() ? 1 : 0;
    CHECK(split(body.substr(0, size)) == std::pair(count, whole ? Stop::kEnd : Stop::kCut));
    CHECK(dialect::looks_like_event_stream(body.substr(0, size)) == (size >= 12));
  }
}

TEST_CASE("every flipped bit is noticed", "[dialect][event_stream]") {
  const std::string body = testing::event("a", "{}");
  for (size_t bit = 0; bit < body.size() * 8; ++bit) {
    INFO(bit);
    std::string changed = body;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    CHECK(split(changed) == std::pair(size_t{0}, Stop::kDamaged));
    CHECK(dialect::looks_like_event_stream(changed) == (bit >= 12 * 8));
  }
}

TEST_CASE("lengths that cannot be are damage, whatever their checksum", "[dialect][event_stream]") {
  for (const auto& [all, headers] : std::vector<std::pair<uint32_t, uint32_t>>{
           {15, 0}, {0, 0}, {16, 1}, {20, 5}, {0xFFFFFFFF, 0}, {0xFFFFFFFF, 0xFFFFFFFF}, {16, 0xFFFFFFFF}}) {
    INFO(all << " " << headers);
    std::string body = testing::big_endian(all, 4) + testing::big_endian(headers, 4);
    body += testing::checksum(body) + std::string(64, 'x');
    CHECK(split(body) == std::pair(size_t{0}, Stop::kDamaged));
    CHECK_FALSE(dialect::looks_like_event_stream(body));
  }
}

TEST_CASE("random bytes are no messages", "[dialect][event_stream]") {
  std::mt19937 random(3);
  for (int i = 0; i < 10000; ++i) {
    std::string body(random() % 64, '\0');
    for (char& c : body) c = static_cast<char>(random());
    CHECK(split(body).first == 0);
  }
  CHECK_FALSE(dialect::looks_like_event_stream(R"({"output":{"message":{}}})"));
}

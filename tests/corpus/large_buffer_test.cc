#include "storage/corpus/large_buffer.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <string>

using harvest::corpus::LargeBuffer;
using harvest::corpus::LargeText;

TEST_CASE("large text is what was appended, however far it outgrows its room", "[corpus]") {
  LargeText text;
  CHECK(text.view().empty());
  text.append("");
  CHECK(text.view().empty());
  std::string expected;
  for (int i = 0; i < 90; ++i) {  // past the room that it begins with
    const std::string piece(1'000'003, static_cast<char>('a' + i % 26));
    text.append(piece);
    expected += piece;
  }
  CHECK(text.size() == expected.size());
  CHECK(text.view() == expected);
}

TEST_CASE("a large buffer moves without its bytes", "[corpus]") {
  LargeBuffer first(5'000'000);
  REQUIRE(first.size() == 5'000'000);
  std::memcpy(first.data(), "here", 4);
  const char* const at = first.data();
  LargeBuffer second(std::move(first));
  CHECK(second.data() == at);
  CHECK(std::string(second.data(), 4) == "here");
  LargeBuffer third(100);
  third = std::move(second);
  CHECK(third.data() == at);
  CHECK(LargeBuffer(0).data() == nullptr);
}

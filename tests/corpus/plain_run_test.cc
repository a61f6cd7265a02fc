#include "storage/corpus/plain_run.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

using harvest::corpus::plain_run;

TEST_CASE("a plain run ends before the first byte that a JSON string cannot hold as it is", "[json]") {
  CHECK(plain_run("") == 0);
  CHECK(plain_run("abc") == 3);
  CHECK(plain_run("\xC3\xA9t\xC3\xA9 \x7F\xFF") == 8);
  for (const char c : {'"', '\\', '\n', '\x1F', '\0'})
    for (size_t before = 0; before < 40; ++before) CHECK(plain_run(std::string(before, 'x') + c + "y\"z") == before);
}

TEST_CASE("a plain run is what a look at each byte finds", "[json]") {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 33, ' ');
    for (char& c : text) c = static_cast<char>(random() % 4 == 0 ? random() : '!' + random() % 2);
    size_t expected = 0;
    while (expected < text.size() && text[expected] != '"' && text[expected] != '\\' &&
           static_cast<unsigned char>(text[expected]) >= 0x20)
      ++expected;
    REQUIRE(plain_run(text) == expected);
  }
}

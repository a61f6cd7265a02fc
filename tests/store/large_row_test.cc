#include "storage/store/large_row.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

namespace large_row = harvest::store::large_row;

namespace {

std::string stream_of(size_t events) {
  std::string all = "\x0A";
  for (size_t i = 0; i < events; ++i) all += "data: {\"choices\":[{\"delta\":{\"content\":\"word\"}}]}\n\n";
  return all;
}

}  // namespace

TEST_CASE("a large row comes back as it was, and takes less room", "[store]") {
  std::string buffer, back;
  const std::string row = stream_of(300);
  const std::string packed(large_row::packed(row, buffer));
  CHECK(packed.size() < row.size() / 10);
  auto unpacked = large_row::unpacked(packed, back);
  REQUIRE(unpacked.ok());
  CHECK(*unpacked == row);
}

TEST_CASE("small rows, and rows that do not shrink, stay as they are", "[store]") {
  std::string buffer, back;
  const std::string small = stream_of(3);
  CHECK(large_row::packed(small, buffer).data() == small.data());
  std::mt19937 random(1);
  std::string noise = "\x0A";
  while (noise.size() < 20'000) noise += static_cast<char>(random());
  CHECK(large_row::packed(noise, buffer).data() == noise.data());
  CHECK(*large_row::unpacked(noise, back) == noise);
  CHECK(large_row::unpacked("", back)->empty());
}

TEST_CASE("a broken packed row is said to be broken", "[store]") {
  std::string buffer, back;
  const std::string packed(large_row::packed(stream_of(300), buffer));
  for (const size_t size : {size_t{1}, size_t{4}, size_t{5}, packed.size() / 2, packed.size() - 1})
    CHECK_FALSE(large_row::unpacked(packed.substr(0, size), back).ok());
  std::string swollen = packed;
  swollen[1] = '\x7F';
  CHECK_FALSE(large_row::unpacked(swollen, back).ok());
}

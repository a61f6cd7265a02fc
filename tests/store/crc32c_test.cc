#include "storage/store/crc32c.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

namespace harvest::store {
namespace {

TEST_CASE("the log's checksum is CRC-32C", "[store]") {
  // RFC 3720, B.4, and the check value of the polynomial's catalogue entry.
  CHECK(crc32c_extend(0, "123456789", 9) == 0xe3069283u);
  CHECK(crc32c_extend(0, std::string(32, '\0').data(), 32) == 0x8a9136aau);
  CHECK(crc32c_extend(0, std::string(32, '\xff').data(), 32) == 0x62a8ab43u);
  CHECK(crc32c_extend(7, nullptr, 0) == 7);
}

TEST_CASE("by instruction and by table the checksum is the same, whatever the length and the start", "[store]") {
  std::mt19937 random(1);
  std::string bytes(5000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  for (size_t size = 0; size < 300; ++size) {
    const uint32_t start = static_cast<uint32_t>(random());
    const char* const from = bytes.data() + random() % 64;
    CHECK(crc32c_extend(start, from, size) == crc32c_extend_by_table(start, from, size));
  }
  CHECK(crc32c_extend(0, bytes.data(), bytes.size()) == crc32c_extend_by_table(0, bytes.data(), bytes.size()));
  const uint32_t half = crc32c_extend(0, bytes.data(), 2501);
  CHECK(crc32c_extend(half, bytes.data() + 2501, 2499) == crc32c_extend(0, bytes.data(), bytes.size()));
}

}  // namespace
}  // namespace harvest::store

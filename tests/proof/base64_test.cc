#include "storage/proof/base64.h"

#include <catch2/catch.hpp>

using namespace harvest::proof;

TEST_CASE("base64 reads back what it wrote", "[proof]") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("foobar") == "Zm9vYmFy");
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i * 7);
    CHECK(read_base64(base64(bytes)) == bytes);
  }
}

TEST_CASE("base64 has one spelling", "[proof]") {
  CHECK(read_base64("Zg==") == "f");
  for (const char* other : {"Zg", "Zg=", "Zh==", "Zg==\n", " Zg==", "Z g==", "Zg===", "Zg..", "_-==", "Zg==Zg=="})
    CHECK_FALSE(read_base64(other));
}

TEST_CASE("a hash in base64 has 32 bytes", "[proof]") {
  const Hash hash = sha256("x");
  CHECK(read_base64_hash(base64(hash)) == hash);
  CHECK_FALSE(read_base64_hash(base64(std::string(31, 'x'))));
  CHECK_FALSE(read_base64_hash(base64(std::string(33, 'x'))));
}

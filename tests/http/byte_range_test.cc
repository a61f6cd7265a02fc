#include "service/http/byte_range.h"

#include <catch2/catch.hpp>
#include <string>

namespace harvest::http {
namespace {

using Kind = ByteRange::Kind;

void check_part(std::string_view header, uint64_t size, uint64_t first, uint64_t length) {
  const ByteRange range = parse_range(header, size);
  INFO(std::string(header) << " of " << size);
  CHECK(range.kind == Kind::kPart);
  CHECK(range.first == first);
  CHECK(range.length == length);
}

TEST_CASE("a range names the bytes that RFC 9110 says", "[range]") {
  check_part("bytes=0-0", 10, 0, 1);
  check_part("bytes=0-499", 1000, 0, 500);
  check_part("bytes=500-", 1000, 500, 500);
  check_part("bytes=-1", 1000, 999, 1);
  check_part("bytes=-5000", 1000, 0, 1000);
  check_part("bytes=999-100000", 1000, 999, 1);
  check_part("Bytes = 1-2", 10, 1, 2);
  check_part("bytes=0-99999999999999999999999", 10, 0, 10);
  check_part("bytes=0-18446744073709551615", 10, 0, 10);
}

TEST_CASE("a range that begins past the end cannot be satisfied", "[range]") {
  for (const char* header : {"bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999999-"}) {
    INFO(header);
    CHECK(parse_range(header, 10).kind == Kind::kUnsatisfiable);
  }
  CHECK(parse_range("bytes=0-", 0).kind == Kind::kUnsatisfiable);
  CHECK(parse_range("bytes=-5", 0).kind == Kind::kUnsatisfiable);
}

TEST_CASE("what is no single range of bytes is ignored", "[range]") {
  for (const char* header : {"", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=1", "bytes=0-1,3-4",
                             "items=0-1", "bytes=+1-2", "bytes=1-2-3", "bytes=0x1-2", "bytes= 1 - 2", "=0-1"}) {
    INFO(header);
    CHECK(parse_range(header, 10).kind == Kind::kWhole);
  }
}

TEST_CASE("every satisfiable range lies within the file", "[range]") {
  for (uint64_t size = 0; size <= 6; ++size) {
    for (int first = -1; first <= 7; ++first) {
      for (int last = -1; last <= 7; ++last) {
        const std::string header =
            "bytes=" + (first < 0 ? "" : std::to_string(first)) + "-" + (last < 0 ? "" : std::to_string(last));
        const ByteRange range = parse_range(header, size);
        if (range.kind != Kind::kPart) continue;
        INFO(header << " of " << size);
        CHECK(range.length > 0);
        CHECK(range.first + range.length <= size);
      }
    }
  }
}

}  // namespace
}  // namespace harvest::http

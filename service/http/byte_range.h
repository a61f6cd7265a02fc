#pragma once

#include <cstdint>
#include <string_view>

namespace harvest::http {

/// What a Range header asks of a representation (RFC 9110, section 14).
struct ByteRange {
  enum class Kind : uint8_t {
    kWhole,          ///< none asked, or one to be ignored: another unit, malformed, or several ranges
    kPart,           ///< bytes [first, first + length)
    kUnsatisfiable,  ///< 416
  };
  Kind kind = Kind::kWhole;
  uint64_t first = 0;
  uint64_t length = 0;
};

/// `header` may be empty. Several ranges are answered with the whole: allowed, and no trainer sends them.
ByteRange parse_range(std::string_view header, uint64_t size);

}  // namespace harvest::http

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace harvest::proof {

/// Lines of a text, each ended by a newline; one that is not is no line.
class TextLines {
 public:
  explicit TextLines(std::string_view text) : rest_(text) {}
  /// Without its newline; nothing where no whole line is left.
  std::optional<std::string_view> next();
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// ASCII digits without leading zeroes, at most 2^63 - 1.
std::optional<uint64_t> read_decimal(std::string_view text);

/// A found text for an error: quoted, no control characters, 60 bytes at most.
std::string shown(std::string_view text);

}  // namespace harvest::proof

#include "storage/corpus/plain_run.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace harvest::corpus {
namespace {

constexpr std::array<bool, 256> escape_table() {
  std::array<bool, 256> table{};
  for (int c = 0; c < 0x20; ++c) table[static_cast<size_t>(c)] = true;
  table['"'] = table['\\'] = true;
  return table;
}
constexpr auto kEscaped = escape_table();

constexpr uint64_t kOnes = 0x0101010101010101u;
constexpr uint64_t kHighs = 0x8080808080808080u;

/// A high bit for each of eight bytes that is a quote, a backslash or below 0x20: the classic "has a zero byte" and
/// "has a byte less than n" word tricks. A borrow may set bits above one that is rightly set, never below: the lowest
/// is right.
uint64_t escaped_of(uint64_t word) {
  const uint64_t quote = word ^ (kOnes * '"');
  const uint64_t slash = word ^ (kOnes * '\\');
  return (((quote - kOnes) & ~quote) | ((slash - kOnes) & ~slash) | ((word - kOnes * 0x20) & ~word)) & kHighs;
}

}  // namespace

size_t plain_run(std::string_view text) {
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    if (const uint64_t escaped = escaped_of(word); escaped != 0) {
      if constexpr (std::endian::native == std::endian::little)
        return at + static_cast<size_t>(std::countr_zero(escaped)) / 8;
      break;
    }
  }
  while (at < text.size() && !kEscaped[static_cast<uint8_t>(text[at])]) ++at;
  return at;
}

}  // namespace harvest::corpus

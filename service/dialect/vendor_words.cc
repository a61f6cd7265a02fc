#include "service/dialect/vendor_words.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "service/dialect/json_mend.h"

namespace harvest::dialect {
namespace {

bool is_tail(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// U+0080 to U+009F in UTF-8.
bool is_c1(std::string_view text) {
  return text.size() >= 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0;
}

}  // namespace

std::string vendor_words(std::string_view text, size_t bytes_max) {
  // An id or a code, nearly always: nothing to mend, to fold or to cut.
  if (text.size() <= bytes_max && std::all_of(text.begin(), text.end(), absl::ascii_isgraph)) return std::string(text);
  // Enough for the cut below however much of it turns out to be control characters in practice; bounds the work.
  const std::string valid = mended_utf8(text.substr(0, bytes_max * 4));
  std::string words;
  words.reserve(bytes_max);
  std::string_view rest = valid;
  while (!rest.empty() && words.size() <= bytes_max) {
    const bool c1 = is_c1(rest);
    if (c1 || absl::ascii_iscntrl(static_cast<unsigned char>(rest[0])) || rest[0] == ' ') {
      if (!words.empty() && words.back() != ' ') words += ' ';
      rest.remove_prefix(c1 ? 2 : 1);
      continue;
    }
    size_t length = 1;
    while (length < rest.size() && is_tail(rest[length])) ++length;
    if (words.size() + length > bytes_max) break;
    words += rest.substr(0, length);
    rest.remove_prefix(length);
  }
  while (words.ends_with(' ')) words.pop_back();
  return words;
}

std::string vendor_code(std::string_view text) {
  std::string code(text.substr(0, kVendorCodeBytesMax));
  for (char& c : code)
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-' && c != '.' && c != ':') c = '_';
  return code;
}

}  // namespace harvest::dialect

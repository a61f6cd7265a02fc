#include "client/cpp/terminal_text.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "absl/strings/str_format.h"

namespace harvest::client {
namespace {

constexpr char32_t kBroken = 0xFFFD;

/// The character at `at`, which moves behind it.
char32_t next_character(std::string_view text, size_t* at) {
  const auto byte = [&text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte((*at)++);
  if (first < 0x80) {
    return first;
  }
  const int more = first >= 0xF0 && first < 0xF5   ? 3
                   : first >= 0xE0 && first < 0xF0 ? 2
                   : first >= 0xC2 && first < 0xE0 ? 1
                                                   : 0;
  if (more == 0) {
    return kBroken;
  }
  char32_t character = first & (0x3F >> more);
  for (int i = 0; i < more; ++i) {
    if (*at >= text.size() || (byte(*at) & 0xC0) != 0x80) {
      return kBroken;
    }
    character = (character << 6) | (byte((*at)++) & 0x3F);
  }
  // Long spellings of short characters would slip past the checks of controls.
  const char32_t least[] = {0, 0x80, 0x800, 0x10000};
  return character < least[more] ? kBroken : character;
}

bool is_unsafe(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool turns_direction =
      (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F;
  return control || turns_direction || c == 0x2028 || c == 0x2029 || c == 0xFEFF;
}

}  // namespace

std::string safe_text(std::string_view text, bool keep_lines) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const char32_t c = next_character(text, &at);
    if (keep_lines && (c == '\n' || c == '\t')) {
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (is_unsafe(c)) {
      // This spelling also keeps a line of JSON the JSON that it was.
      out += absl::StrFormat("\\u%04x", static_cast<uint32_t>(c));
    } else if (c == kBroken) {
      out += "\xEF\xBF\xBD";
    } else {
      out += text.substr(begin, at - begin);
    }
  }
  return out;
}

size_t columns_of(std::string_view utf8) {
  size_t columns = 0;
  for (size_t at = 0; at < utf8.size(); ++columns) {
    next_character(utf8, &at);
  }
  return columns;
}

std::string cut_to(std::string_view utf8, size_t columns) {
  if (columns_of(utf8) <= columns) {
    return std::string(utf8);
  }
  if (columns == 0) {
    return {};
  }
  size_t at = 0;
  for (size_t i = 0; i + 1 < columns; ++i) {
    next_character(utf8, &at);
  }
  return std::string(utf8.substr(0, at)) + "…";
}

bool is_terminal(int fd) {
  return isatty(fd) == 1;
}

size_t terminal_columns(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kColumnsUsual;
}

}  // namespace harvest::client

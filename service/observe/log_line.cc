#include "service/observe/log_line.h"

#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include <array>
#include <cmath>
#include <iterator>

namespace harvest::observe::log {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames{"debug", "info", "warn", "error"};

std::string timestamp(std::chrono::system_clock::time_point at) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(at);
  const auto s = std::chrono::floor<std::chrono::seconds>(ms);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(s)),
                     (ms - s).count());
}

/// Length of the UTF-8 sequence at `text`'s start; 0 where it is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and what lies past U+10FFFF.
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) > 0x9F) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

void append_quoted(std::string& line, std::string_view text) {
  line += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const unsigned char c = static_cast<unsigned char>(text[0]);
    // C1 controls (U+0080 to U+009F) steer terminals as ESC does.
    const bool c1_control = length == 2 && c == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
    if (length == 0) {
      line += "\xEF\xBF\xBD";  // U+FFFD
    } else if (c1_control) {
      fmt::format_to(std::back_inserter(line), "\\u{:04x}", static_cast<unsigned char>(text[1]));
    } else if (c == '"' || c == '\\') {
      line += '\\';
      line += text[0];
    } else if (c < 0x20 || c == 0x7F) {
      fmt::format_to(std::back_inserter(line), "\\u{:04x}", c);
    } else {
      line.append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  line += '"';
}

bool is_plain_word(std::string_view text) {
  for (const unsigned char c : text) {
    if (c <= ' ' || c >= 0x7F || c == '"' || c == '=' || c == '\\') return false;
  }
  return !text.empty();
}

void append_value(std::string& line, const Value& value, bool quote_words) {
  std::visit(
      [&](const auto& held) {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, std::string_view>) {
          if (!quote_words && is_plain_word(held)) {
            line += held;
          } else {
            append_quoted(line, held);
          }
        } else if constexpr (std::is_same_v<T, double>) {
          if (std::isfinite(held)) {
            fmt::format_to(std::back_inserter(line), "{}", held);
          } else {  // JSON knows no such number
            line += quote_words ? "null" : "nan";
          }
        } else {
          fmt::format_to(std::back_inserter(line), "{}", held);
        }
      },
      value.held());
}

}  // namespace

std::string json_line(std::chrono::system_clock::time_point at, Level level, std::string_view event, Fields fields,
                      uint64_t suppressed) {
  std::string line =
      fmt::format(R"({{"ts":"{}","level":"{}","event":)", timestamp(at), kLevelNames[static_cast<std::size_t>(level)]);
  append_quoted(line, event);
  for (const Field& field : fields) {
    line += ',';
    append_quoted(line, field.key);
    line += ':';
    append_value(line, field.value, true);
  }
  if (suppressed > 0) fmt::format_to(std::back_inserter(line), R"(,"suppressed":{})", suppressed);
  line += '}';
  return line;
}

std::string text_line(std::chrono::system_clock::time_point at, Level level, std::string_view event, Fields fields,
                      uint64_t suppressed) {
  std::string line = fmt::format("{} {:<5} ", timestamp(at), kLevelNames[static_cast<std::size_t>(level)]);
  append_value(line, event, false);
  for (const Field& field : fields) {
    line += ' ';
    append_value(line, field.key, false);
    line += '=';
    append_value(line, field.value, false);
  }
  if (suppressed > 0) fmt::format_to(std::back_inserter(line), " suppressed={}", suppressed);
  return line;
}

}  // namespace harvest::observe::log

#include "service/dialect/repeated_event.h"

#include <simdjson.h>

#include "storage/corpus/plain_run.h"

namespace harvest::dialect {
namespace {

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

/// What a backslash and this letter stand for; 0: more than the letter tells (`u`), or nothing.
char meaning_of(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

struct Quoted {
  std::string_view text;
  size_t escapes = 0;
};

/// The string up to its closing quote; none where it is to be left to the parser.
std::optional<Quoted> quoted_text(std::string_view bytes) {
  size_t at = 0, escapes = 0;
  for (;; at += 2, ++escapes) {
    at += corpus::plain_run(bytes.substr(at));
    if (at + 1 >= bytes.size()) return std::nullopt;
    if (bytes[at] == '"') break;
    if (bytes[at] != '\\' || meaning_of(bytes[at + 1]) == 0) return std::nullopt;
  }
  const std::string_view text = bytes.substr(0, at);
  if (!is_ascii(text) && !simdjson::validate_utf8(text.data(), text.size())) return std::nullopt;
  return Quoted{text, escapes};
}

}  // namespace

void RepeatedEvent::Match::append_to(std::string& text) const {
  std::string_view rest = quoted;
  for (size_t i = 0; i < escapes; ++i) {
    const size_t slash = rest.find('\\');
    text.append(rest.substr(0, slash));
    text += meaning_of(rest[slash + 1]);
    rest.remove_prefix(slash + 2);
  }
  text.append(rest);
}

bool RepeatedEvent::learn(std::string_view raw, std::string_view member, size_t length) {
  const size_t at = raw.find(member);
  if (at == std::string_view::npos || raw.find(member, at + member.size()) != std::string_view::npos) return false;
  const size_t quote = raw.find_first_not_of(' ', at + member.size());
  if (quote == std::string_view::npos || raw[quote] != '"') return false;
  const size_t begin = quote + 1;
  const std::optional<Quoted> quoted = quoted_text(raw.substr(begin));
  if (!quoted || quoted->text.size() - quoted->escapes != length) return false;
  before_ = raw.substr(0, begin);
  after_ = raw.substr(begin + quoted->text.size());
  return true;
}

std::optional<RepeatedEvent::Match> RepeatedEvent::match(std::string_view rest) const {
  if (before_.empty() || !rest.starts_with(before_)) return std::nullopt;
  const std::optional<Quoted> quoted = quoted_text(rest.substr(before_.size()));
  if (!quoted) return std::nullopt;
  const size_t end = before_.size() + quoted->text.size();
  if (!rest.substr(end).starts_with(after_)) return std::nullopt;
  return Match{quoted->text, quoted->escapes, end + after_.size()};
}

}  // namespace harvest::dialect

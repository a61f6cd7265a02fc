#include "storage/corpus/where_tokens.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace harvest::corpus {
namespace {

/// What a message quotes of a long one.
constexpr size_t kQuotedMost = 40;

bool begins_word(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_';
}

bool in_word(char c) {
  return begins_word(c) || absl::ascii_isdigit(static_cast<unsigned char>(c));
}

/// With the sign of an exponent; what is no number after all is found out by its reader.
size_t number_size(std::string_view text) {
  size_t size = 1;
  while (size < text.size() && (in_word(text[size]) || text[size] == '.' ||
                                ((text[size] == '-' || text[size] == '+') &&
                                 absl::ascii_tolower(static_cast<unsigned char>(text[size - 1])) == 'e')))
    ++size;
  return size;
}

/// Not to cut a character in two.
size_t whole_characters(std::string_view text, size_t most) {
  size_t size = std::min(most, text.size());
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return size;
}

size_t first_character(std::string_view text) {
  size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
  return size;
}

}  // namespace

absl::Status where_mistake(size_t at, std::string_view found, std::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("character ", at, ": found ", std::string(found), ", expected ", std::string(expected)));
}

std::string WhereToken::found() const {
  if (kind == Kind::kEnd) return "the end";
  const std::string shown =
      text.size() > kQuotedMost ? text.substr(0, whole_characters(text, kQuotedMost)) + "…" : text;
  return kind == Kind::kText ? absl::StrCat("'", shown, "'") : absl::StrCat("\"", shown, "\"");
}

absl::StatusOr<WhereToken> WhereTokens::next() {
  while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  WhereToken token{.at = at_ + 1};
  if (at_ == text_.size()) return token;
  const char first = text_[at_];
  if (first == '\'') {
    token.kind = WhereToken::Kind::kText;
    auto text = quoted();
    if (!text.ok()) return text.status();
    token.text = *std::move(text);
  } else if (begins_word(first)) {
    token.kind = WhereToken::Kind::kWord;
    const size_t begin = at_++;
    while (at_ < text_.size() && in_word(text_[at_])) ++at_;
    token.text = absl::AsciiStrToLower(std::string(text_.substr(begin, at_ - begin)));
  } else if (absl::ascii_isdigit(static_cast<unsigned char>(first)) || first == '-') {
    token.kind = WhereToken::Kind::kNumber;
    const size_t size = number_size(text_.substr(at_));
    token.text = text_.substr(at_, size);
    at_ += size;
  } else {
    token.kind = WhereToken::Kind::kSign;
    const std::string_view rest = text_.substr(at_);
    for (const std::string_view sign : {"!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ","}) {
      if (!rest.starts_with(sign)) continue;
      at_ += sign.size();
      token.text = sign == "<>" ? "!=" : sign;
      return token;
    }
    return where_mistake(token.at, absl::StrCat("\"", std::string(rest.substr(0, first_character(rest))), "\""),
                         "a column, a comparison, a text in single quotes, a number or a parenthesis");
  }
  return token;
}

absl::StatusOr<std::string> WhereTokens::quoted() {
  const size_t begin = at_++;
  std::string text;
  while (at_ < text_.size()) {
    const size_t quote = text_.find('\'', at_);
    if (quote == std::string_view::npos) break;
    text.append(text_.substr(at_, quote - at_));
    at_ = quote + 1;
    if (at_ == text_.size() || text_[at_] != '\'') return text;
    text += '\'';
    ++at_;
  }
  return where_mistake(begin + 1, "a text without an end", "a closing single quote");
}

}  // namespace harvest::corpus

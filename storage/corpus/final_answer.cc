#include "storage/corpus/final_answer.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"

namespace harvest::corpus {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Small letters, single spaces.
std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!absl::ascii_isspace(static_cast<unsigned char>(c)))
      out += absl::ascii_tolower(static_cast<unsigned char>(c));
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '.')) out.pop_back();
  return out;
}

/// Without separators, zeros that say nothing, or a plus.
std::string plain_number(std::string_view number) {
  std::string digits;
  bool negative = false, decimal = false;
  for (const char c : number) {
    if (c == '-') negative = true;
    if (c == '.') decimal = true;
    if (is_digit(c) || c == '.') digits += c;
  }
  while (decimal && (digits.back() == '0' || digits.back() == '.')) {
    decimal = digits.back() != '.';
    digits.pop_back();
  }
  const size_t first = std::min(digits.find_first_not_of('0'), digits.size());
  digits.erase(0, first);
  if (digits.empty() || digits[0] == '.') digits.insert(0, 1, '0');
  return negative && digits != "0" ? '-' + digits : digits;
}

/// The number that ends at the digit `last`, from its sign on.
std::string_view number_at(std::string_view text, size_t last) {
  static constexpr size_t kGroup = 3;  // digits between separators
  size_t first = last, digits = 1;
  bool decimal = false, grouped = false;
  for (; first > 0; --first) {
    const char before = text[first - 1];
    const bool joins = first > 1 && is_digit(text[first - 2]);
    if (is_digit(before)) {
      ++digits;
      continue;
    }
    const bool point = before == '.' && joins && !decimal && !grouped;
    const bool separator = before == ',' && joins && digits == kGroup;
    if (!point && !separator) break;
    decimal |= point;
    grouped |= separator;
    digits = 0;
  }
  // A minus is a sign where nothing stands before it that it could take away from.
  if (first > 0 && text[first - 1] == '-' &&
      (first == 1 || !absl::ascii_isalnum(static_cast<unsigned char>(text[first - 2]))))
    --first;
  return text.substr(first, last + 1 - first);
}

std::optional<std::string> last_number(std::string_view text) {
  for (size_t at = text.size(); at-- > 0;)
    if (is_digit(text[at])) return plain_number(number_at(text, at));
  return std::nullopt;
}

/// A number with what is often written around one, or the text folded.
std::string normalised(std::string_view text) {
  const std::string words = folded(text);
  std::string_view bare = words;
  while (!bare.empty() && std::string_view("$+\\ ").find(bare.front()) != bare.npos) bare.remove_prefix(1);
  while (!bare.empty() && std::string_view("$%\\ ").find(bare.back()) != bare.npos) bare.remove_suffix(1);
  if (!bare.empty() && is_digit(bare.back()) && number_at(bare, bare.size() - 1).size() == bare.size())
    return plain_number(bare);
  return words;
}

std::optional<std::string_view> last_boxed(std::string_view text) {
  static constexpr std::string_view kBoxed = "\\boxed{";
  const size_t at = text.rfind(kBoxed);
  if (at == text.npos) return std::nullopt;
  const size_t first = at + kBoxed.size();
  size_t open = 1;
  for (size_t end = first; end < text.size(); ++end) {
    open += text[end] == '{' ? 1 : 0;
    open -= text[end] == '}' ? 1 : 0;
    if (open == 0) return text.substr(first, end - first);
  }
  return std::nullopt;
}

std::optional<std::string_view> last_marked(std::string_view text) {
  static constexpr std::string_view kMark = "#### ";
  const size_t at = text.rfind(kMark);
  if (at == text.npos) return std::nullopt;
  const size_t first = at + kMark.size();
  return text.substr(first, std::min(text.find('\n', first), text.size()) - first);
}

}  // namespace

std::string final_answer(std::string_view text) {
  if (const auto boxed = last_boxed(text)) return normalised(*boxed);
  if (const auto marked = last_marked(text)) return normalised(*marked);
  if (auto number = last_number(text)) return *std::move(number);
  return normalised(text);
}

}  // namespace harvest::corpus

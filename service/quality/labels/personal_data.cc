#include "service/quality/labels/personal_data.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "service/quality/labels/checksums.h"
#include "service/quality/labels/text_shape.h"

namespace harvest::quality {
namespace {

bool is_digit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}
bool is_alnum(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c));
}

/// What stands around a match: '\0' at the ends of the text.
struct Around {
  char before, after, after_that;
};

bool is_public_ipv4(std::string_view text) {
  int part[4] = {};
  size_t i = 0;
  for (const absl::string_view piece : absl::StrSplit(absl::string_view(text.data(), text.size()), '.')) {
    if (piece.size() > 1 && piece[0] == '0') return false;
    if (i == 4 || !absl::SimpleAtoi(piece, &part[i]) || part[i] > 255) return false;
    ++i;
  }
  const int a = part[0], b = part[1], c = part[2];
  if (a == 0 || a == 10 || a == 127 || a >= 224) return false;
  if ((a == 169 && b == 254) || (a == 172 && b >= 16 && b < 32) || (a == 192 && b == 168)) return false;
  if ((a == 100 && b >= 64 && b < 128) || (a == 198 && (b == 18 || b == 19))) return false;
  // Of documents.
  return !((a == 192 && b == 0) || (a == 198 && b == 51 && c == 100) || (a == 203 && b == 0 && c == 113));
}

bool stands_alone(const Around& around) {
  return !is_alnum(around.before) && !is_digit(around.after);
}

bool judge_address(std::string_view text, const Around& around) {
  if (around.before == '.' || is_alnum(around.before) || is_alnum(around.after)) return false;
  return !(around.after == '.' && is_digit(around.after_that)) && is_public_ipv4(text);
}
bool judge_card(std::string_view text, const Around& around) {
  return stands_alone(around) && around.before != '.' && text[0] >= '2' && text[0] <= '6' && passes_luhn(text);
}
bool judge_phone(std::string_view, const Around& around) {
  return stands_alone(around) && around.before != '.' && around.before != '-';
}
bool judge_always(std::string_view, const Around&) {
  return true;
}
bool judge_iban(std::string_view text, const Around& around) {
  return !is_alnum(around.before) && !is_alnum(around.after) && passes_iban(text);
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
bool may_hold_key(std::string_view text, const TextShape& shape) {
  return shape.key_bytes >= 15 || has(text, "-----BEGIN");
}
bool may_hold_iban(std::string_view, const TextShape& shape) {
  return shape.iban_bytes >= 12;
}
bool may_hold_card(std::string_view, const TextShape& shape) {
  return shape.card_digits >= 13;
}
bool may_hold_email(std::string_view text, const TextShape&) {
  return has(text, "@");
}
bool may_hold_address(std::string_view, const TextShape& shape) {
  return shape.phone_digits >= 4;
}
bool may_hold_phone(std::string_view, const TextShape& shape) {
  return shape.phone_digits >= 8;
}

struct Pattern {
  std::string_view rule;
  const char* pattern;
  bool (*may_hold)(std::string_view text, const TextShape& shape);
  bool (*judge)(std::string_view text, const Around& around);
  bool shrinks;  ///< where it is not found as long as it matched, its beginnings are looked at, up to a space
};

/// What is found first keeps its place from those below it.
constexpr Pattern kPatterns[] = {
    {"secret",
     R"(sk-[A-Za-z0-9_-]{20,}|(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})"
     R"(|glpat-[A-Za-z0-9_-]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[0-9A-Za-z_-]{35}|hf_[A-Za-z0-9]{30,})"
     R"(|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----)",
     may_hold_key, judge_always, false},
    {"iban", R"([A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)", may_hold_iban, judge_iban, true},
    {"card", R"([0-9]{13,19}|[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{1,7}|[0-9]{4}[ -][0-9]{6}[ -][0-9]{5})",
     may_hold_card, judge_card, false},
    {"email", R"([A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.)+[A-Za-z]{2,24})", may_hold_email,
     judge_always, false},
    {"ipv4", R"([0-9]{1,3}(?:\.[0-9]{1,3}){3})", may_hold_address, judge_address, false},
    {"phone",
     R"(\+[0-9]{1,3}[ .-]?(?:\([0-9]{1,4}\)[ .-]?)?[0-9](?:[ .-]?[0-9]){6,12})"
     R"(|\([0-9]{3}\) ?[0-9]{3}[ .-][0-9]{4}|[0-9]{3}-[0-9]{3}-[0-9]{4})",
     may_hold_phone, judge_phone, false},
};

const re2::RE2& compiled(size_t pattern) {
  static const std::vector<const re2::RE2*>* const kCompiled = [] {
    auto* all = new std::vector<const re2::RE2*>;
    for (const Pattern& each : kPatterns) {
      re2::RE2::Options options;
      options.set_encoding(re2::RE2::Options::EncodingLatin1);  // any bytes; the patterns are ASCII
      all->push_back(new re2::RE2(each.pattern, options));
    }
    return all;
  }();
  return *(*kCompiled)[pattern];
}

char at(std::string_view text, size_t place) {
  return place < text.size() ? text[place] : '\0';
}

/// How much of the match is what the pattern is for; 0: none of it.
size_t judged_bytes(const Pattern& pattern, std::string_view text, size_t begin, size_t end) {
  while (end > begin) {
    const Around around{begin == 0 ? '\0' : text[begin - 1], at(text, end), at(text, end + 1)};
    if (pattern.judge(text.substr(begin, end - begin), around)) return end - begin;
    const size_t space = text.substr(begin, end - begin).rfind(' ');
    if (!pattern.shrinks || space == std::string_view::npos) return 0;
    end = begin + space;
  }
  return 0;
}

bool is_before(const PersonalDatum& a, const PersonalDatum& b) {
  return a.begin < b.begin;
}

/// `found`: from left to right, none within another.
bool overlaps(const std::vector<PersonalDatum>& found, const PersonalDatum& datum) {
  const auto next = std::lower_bound(found.begin(), found.end(), datum, is_before);
  return (next != found.end() && next->begin < datum.end) ||
         (next != found.begin() && std::prev(next)->end > datum.begin);
}

/// Adds what this pattern is for where nothing was found yet.
void add_found(size_t pattern, std::string_view text, std::vector<PersonalDatum>& found) {
  const re2::StringPiece whole(text.data(), text.size());
  re2::StringPiece match;
  std::vector<PersonalDatum> own;
  for (size_t from = 0; compiled(pattern).Match(whole, from, text.size(), re2::RE2::UNANCHORED, &match, 1);) {
    const auto begin = static_cast<size_t>(match.data() - text.data());
    const size_t end = begin + match.size();
    const size_t bytes = judged_bytes(kPatterns[pattern], text, begin, end);
    const PersonalDatum datum{begin, begin + bytes, kPatterns[pattern].rule};
    if (bytes > 0 && !overlaps(found, datum)) own.push_back(datum);
    from = bytes > 0 ? datum.end : end;
  }
  const auto middle = static_cast<std::ptrdiff_t>(found.size());
  found.insert(found.end(), own.begin(), own.end());
  std::inplace_merge(found.begin(), found.begin() + middle, found.end(), is_before);
}

void add_kinds(std::string_view text, std::set<std::string>& kinds) {
  for (const PersonalDatum& datum : find_personal_data(text)) kinds.insert(std::string(datum.rule));
}

std::optional<std::string> joined_kinds(const std::set<std::string>& kinds) {
  if (kinds.empty()) return std::nullopt;
  return absl::StrJoin(kinds, "|");
}

void add_message(const v1::Message& message, std::set<std::string>& kinds) {
  for (const std::string* text :
       {&message.content(), &message.reasoning_content(), &message.parts_json(), &message.tool_calls_json()})
    add_kinds(*text, kinds);
}

}  // namespace

std::vector<PersonalDatum> find_personal_data(std::string_view text) {
  std::vector<PersonalDatum> found;
  const TextShape shape = shape_of(text);
  for (size_t i = 0; i < std::size(kPatterns); ++i)
    if (kPatterns[i].may_hold(text, shape)) add_found(i, text, found);
  return found;
}

std::optional<std::string> personal_data_in_answer(const Judged& judged) {
  std::set<std::string> kinds;
  add_message(judged.message, kinds);
  return joined_kinds(kinds);
}

std::optional<std::string> personal_data_in_prompt(const Judged& judged) {
  if (judged.prompt_ignored) return std::nullopt;
  std::set<std::string> kinds;
  for (const v1::Message& message : judged.prompt.messages()) add_message(message, kinds);
  return joined_kinds(kinds);
}

}  // namespace harvest::quality

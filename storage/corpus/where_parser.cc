#include "storage/corpus/where_parser.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

#include "absl/strings/str_cat.h"

namespace harvest::corpus {
namespace {

/// Deeper than anyone writes, and far from the end of a stack.
constexpr int kDepthMost = 200;
/// So a chain of tests, each the left side of the next, is no deeper than a few thousand.
constexpr size_t kTextBytesMost = 16 << 10;

std::string pattern_of(std::string_view like) {
  std::string pattern = "(?s)";
  for (const char c : like) {
    if (c == '%') {
      pattern += ".*";
    } else if (c == '_') {
      pattern += '.';
    } else if (static_cast<unsigned char>(c) < 0x80) {
      pattern += re2::RE2::QuoteMeta(re2::StringPiece(&c, 1));
    } else {
      pattern += c;  // a byte of a character that means nothing to RE2
    }
  }
  return pattern;
}

template <typename T>
bool read_whole(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

/// Neither a whole number that is too large nor one of from_chars' words.
bool is_real(std::string_view text) {
  return text.find_first_of(".eE") != text.npos && text.find_first_not_of("0123456789.eE+-") == text.npos;
}

std::string_view expected_value(ColumnType type) {
  switch (type) {
    case ColumnType::kInteger:
    case ColumnType::kReal:
      return "a number";
    case ColumnType::kBoolean:
      return "true or false";
    case ColumnType::kString:
    case ColumnType::kMessages:
      break;
  }
  return "a text in single quotes";
}

}  // namespace

absl::StatusOr<Where> Where::parse(std::string_view text) {
  if (text.size() > kTextBytesMost)
    return absl::InvalidArgumentError(absl::StrCat("found ", text.size(), " bytes, expected at most ", kTextBytesMost));
  return WhereParser(text).parse();
}

absl::StatusOr<Where> WhereParser::parse() {
  absl::Status status = advance();
  if (status.ok() && token_.kind != WhereToken::Kind::kEnd) {
    status = rows();
    if (status.ok() && token_.kind != WhereToken::Kind::kEnd) status = expected("and, or or the end");
  }
  if (!status.ok()) return status;
  return std::move(where_);
}

absl::Status WhereParser::advance() {
  auto token = tokens_.next();
  if (!token.ok()) return token.status();
  token_ = *std::move(token);
  return absl::OkStatus();
}

bool WhereParser::is_word(std::string_view word) const {
  return token_.kind == WhereToken::Kind::kWord && token_.text == word;
}

bool WhereParser::is_sign(std::string_view sign) const {
  return token_.kind == WhereToken::Kind::kSign && token_.text == sign;
}

absl::Status WhereParser::expected(std::string_view what) const {
  return where_mistake(token_.at, token_.found(), what);
}

void WhereParser::join(Kind kind, size_t left) {
  where_.tests_.push_back({.kind = kind, .left = left, .right = where_.tests_.size() - 1});
}

void WhereParser::negate() {
  where_.tests_.push_back({.kind = Kind::kNot, .left = where_.tests_.size() - 1});
}

absl::Status WhereParser::rows() {
  return chain("or", Kind::kOr, &WhereParser::both);
}

absl::Status WhereParser::both() {
  return chain("and", Kind::kAnd, &WhereParser::one);
}

absl::Status WhereParser::chain(std::string_view word, Kind kind, absl::Status (WhereParser::*part)()) {
  absl::Status status = (this->*part)();
  while (status.ok() && is_word(word)) {
    const size_t left = where_.tests_.size() - 1;
    status = advance();
    if (status.ok()) status = (this->*part)();
    if (status.ok()) join(kind, left);
  }
  return status;
}

absl::Status WhereParser::one() {
  if (++depth_ > kDepthMost) return expected(absl::StrCat("at most ", kDepthMost, " of not and ( in each other"));
  absl::Status status;
  if (is_word("not")) {
    status = advance();
    if (status.ok()) status = one();
    if (status.ok()) negate();
  } else if (is_sign("(")) {
    status = advance();
    if (status.ok()) status = rows();
    if (status.ok() && !is_sign(")")) status = expected("and, or or )");
    if (status.ok()) status = advance();
  } else {
    status = test();
  }
  --depth_;
  return status;
}

absl::Status WhereParser::test() {
  if (token_.kind != WhereToken::Kind::kWord) return expected("a column");
  const auto column =
      std::find_if(kColumns.begin(), kColumns.end(), [this](const Column& known) { return known.name == token_.text; });
  if (column == kColumns.end()) return expected("a column of the records (pairs show prints them)");
  if (column->type == ColumnType::kMessages) return expected("a column that holds one value");
  const absl::Status status = advance();
  if (!status.ok()) return status;
  return after_column({.kind = Kind::kEqual, .column = static_cast<size_t>(column - kColumns.begin())});
}

absl::Status WhereParser::after_column(Test test) {
  const ColumnType type = kColumns[test.column].type;
  bool negated = false;
  absl::Status status;
  if (token_.kind == WhereToken::Kind::kSign && !is_sign(")") && !is_sign("(") && !is_sign(",")) {
    const std::string sign = token_.text;
    if (type == ColumnType::kBoolean && sign != "=" && sign != "!=") return expected("= or != for a bool");
    // a > b is not a <= b, and so on: there is no null.
    negated = sign == "!=" || sign == ">" || sign == ">=";
    test.kind = sign == "<" || sign == ">="   ? Kind::kLess
                : sign == "<=" || sign == ">" ? Kind::kLessOrEqual
                                              : test.kind;
    status = advance();
    if (status.ok()) status = value(test);
  } else {
    if (is_word("not")) {
      negated = true;
      status = advance();
      if (!status.ok()) return status;
    }
    if (is_word("in")) {
      test.kind = Kind::kIn;
      status = advance();
      if (status.ok()) status = values(test);
    } else if (is_word("like")) {
      test.kind = Kind::kLike;
      status = text_for(test, "like");
      if (status.ok()) status = compile(test);
    } else if (is_word("has")) {
      test.kind = Kind::kHas;
      status = text_for(test, "has");
    } else if (negated) {
      return expected("in, like or has");
    } else if (type == ColumnType::kBoolean) {
      test.values.emplace_back(true);
    } else {
      return expected(absl::StrCat("a comparison, in, like or has: ", std::string(kColumns[test.column].name), " is ",
                                   type_name(type)));
    }
  }
  if (!status.ok()) return status;
  where_.tests_.push_back(std::move(test));
  if (negated) negate();
  return absl::OkStatus();
}

absl::Status WhereParser::compile(Test& test) const {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_shared<re2::RE2>(pattern_of(std::get<std::string>(test.values.front())), options);
  if (!pattern->ok()) return where_mistake(token_.at, pattern->error(), "a shorter pattern of UTF-8 behind like");
  test.like = std::move(pattern);
  return absl::OkStatus();
}

absl::Status WhereParser::text_for(Test& test, std::string_view word) {
  const Column& column = kColumns[test.column];
  if (column.type != ColumnType::kString)
    return where_mistake(token_.at, token_.found(),
                         absl::StrCat("a comparison: ", std::string(column.name), " is ", type_name(column.type),
                                      ", and ", std::string(word), " asks about texts"));
  const absl::Status status = advance();
  return status.ok() ? value(test) : status;
}

absl::Status WhereParser::values(Test& test) {
  if (!is_sign("(")) return expected("( and values");
  do {
    absl::Status status = advance();
    if (status.ok()) status = value(test);
    if (!status.ok()) return status;
  } while (is_sign(","));
  if (!is_sign(")")) return expected(", or )");
  return advance();
}

absl::Status WhereParser::value(Test& test) {
  const Column& column = kColumns[test.column];
  const auto wrong = [&] {
    return expected(absl::StrCat(std::string(expected_value(column.type)), ": ", std::string(column.name), " is ",
                                 type_name(column.type)));
  };
  const bool number = column.type == ColumnType::kInteger || column.type == ColumnType::kReal;
  int64_t whole = 0;
  double real = 0;
  if (token_.kind == WhereToken::Kind::kText && column.type == ColumnType::kString) {
    test.values.emplace_back(token_.text);
  } else if (token_.kind == WhereToken::Kind::kNumber && number && read_whole(token_.text, whole)) {
    test.values.emplace_back(whole);
  } else if (token_.kind == WhereToken::Kind::kNumber && number && is_real(token_.text) &&
             read_whole(token_.text, real)) {
    test.values.emplace_back(real);
  } else if (column.type == ColumnType::kBoolean && (is_word("true") || is_word("false"))) {
    test.values.emplace_back(is_word("true"));
  } else {
    return wrong();
  }
  return advance();
}

}  // namespace harvest::corpus

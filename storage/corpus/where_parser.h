#pragma once

#include <string_view>

#include "storage/corpus/where.h"
#include "storage/corpus/where_tokens.h"

namespace harvest::corpus {

/// Makes a Where of its text, by recursive descent along the grammar in where.h. For one text.
class WhereParser {
 public:
  explicit WhereParser(std::string_view text) : tokens_(text) {}

  absl::StatusOr<Where> parse();

 private:
  using Kind = Where::Kind;
  using Test = Where::Test;
  /// Each leaves its test last in tests_, and what follows in token_.
  absl::Status rows();
  absl::Status both();
  /// Parts with the word between them, each joined with all before it.
  absl::Status chain(std::string_view word, Kind kind, absl::Status (WhereParser::*part)());
  absl::Status one();
  absl::Status test();
  absl::Status after_column(Test test);
  absl::Status values(Test& test);
  absl::Status value(Test& test);
  absl::Status compile(Test& test) const;
  absl::Status text_for(Test& test, std::string_view word);

  absl::Status advance();
  bool is_word(std::string_view word) const;
  bool is_sign(std::string_view sign) const;
  absl::Status expected(std::string_view what) const;
  /// Of `kind` with what was made last.
  void join(Kind kind, size_t left);
  void negate();

  WhereTokens tokens_;
  WhereToken token_;
  int depth_ = 0;
  Where where_;
};

}  // namespace harvest::corpus

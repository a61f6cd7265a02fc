#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace harvest::corpus {

/// A word of a filter (where.h) and where it stands.
struct WhereToken {
  enum class Kind : uint8_t {
    kEnd,
    kWord,  ///< a column, or a word of the language
    kText,  ///< 'quoted'
    kNumber,
    kSign,  ///< = != < <= > >= ( ) ,
  };
  Kind kind = Kind::kEnd;
  std::string text;  ///< a text without its quotes; a word in small letters; `<>` as `!=`
  size_t at = 0;     ///< its first character, from 1
  /// As a message names it.
  std::string found() const;
};

/// Takes a filter apart, from left to right.
class WhereTokens {
 public:
  explicit WhereTokens(std::string_view text) : text_(text) {}

  /// kEnd for ever at the end. INVALID_ARGUMENT for what begins no token.
  absl::StatusOr<WhereToken> next();

 private:
  absl::StatusOr<std::string> quoted();

  std::string_view text_;
  size_t at_ = 0;
};

/// "character 17: found "fo", expected a column".
absl::Status where_mistake(size_t at, std::string_view found, std::string_view expected);

}  // namespace harvest::corpus

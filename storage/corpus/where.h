#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "storage/corpus/row.h"

namespace re2 {
class RE2;
}

namespace harvest::corpus {

/// Which rows: one language for views, `pairs` and recall, over the record columns.
///
///     finish_reason = 'stop' and not refused and completion_tokens < 2048
///     teacher_id in ('qwen', 'mini') or purposes has 'evaluation' and customer_id like 'acme-%'
///
///     rows    = both { "or" both }
///     both    = one { "and" one }
///     one     = "not" one | "(" rows ")" | test
///     test    = COLUMN | COLUMN compare value | COLUMN [ "not" ] set
///     set     = "in" "(" value { "," value } ")" | "like" TEXT | "has" TEXT
///     compare = "=" | "!=" | "<>" | "<" | "<=" | ">" | ">="
///     value   = 'text' | 12 | -0.5 | true | false           a quote in a text is doubled
///
/// A column alone is a bool one. Both sides of a comparison are of one type, whole and real numbers aside; texts are
/// compared by bytes (so times are, as they are written), bools for equality alone. `like`: `%` is any text, `_` any
/// character. `has`: of a set joined by `|`, as `purposes`. There is no null: what is not known is "", -1 or -1.0.
/// Words of the language may be written large. `messages` cannot be asked about.
///
/// Immutable; may be shared by threads, each with a Row of its own.
class Where {
 public:
  /// All rows where `text` is blank. INVALID_ARGUMENT says at which character what was found and expected.
  static absl::StatusOr<Where> parse(std::string_view text);

  bool all() const { return tests_.empty(); }
  /// The columns that are asked about: what a Row must read.
  std::vector<size_t> columns() const;
  /// What of a column, a set, is asked by `has`; nothing where it is asked about in any other way as well.
  std::optional<std::vector<std::string>> members(size_t column) const;
  bool admits(const Row& row) const;
  /// Whether the row is admitted whatever is said of members of a set column that nobody has said anything of yet;
  /// nothing where it hangs on that. `is_open`: may this member of `column` be there, or be missing, later?
  std::optional<bool> decides(const Row& row, size_t column,
                              absl::FunctionRef<bool(const std::string& member)> is_open) const;

 private:
  friend class WhereParser;
  enum class Kind : uint8_t { kOr, kAnd, kNot, kEqual, kLess, kLessOrEqual, kIn, kLike, kHas };
  using Literal = std::variant<std::string, int64_t, double, bool>;
  /// Of a tree kept in one list; children stand before their parent.
  struct Test {
    Kind kind;
    size_t left = 0, right = 0;                 ///< of or, and; left of not
    size_t column = 0;                          ///< of the others
    std::vector<Literal> values;                ///< one but for in
    std::shared_ptr<const re2::RE2> like = {};  ///< compiled
  };
  bool holds(const Test& test, const Row& row) const;
  /// Of three values, the third of which is nobody's knowing.
  struct Open {
    const Row& row;
    size_t column;
    absl::FunctionRef<bool(const std::string&)> is_open;
  };
  std::optional<bool> decides(const Test& test, const Open& open) const;

  std::vector<Test> tests_;  ///< the last one is the whole
};

}  // namespace harvest::corpus

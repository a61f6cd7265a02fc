#include "storage/corpus/where.h"

#include <re2/re2.h>

#include <algorithm>
#include <compare>

namespace harvest::corpus {
namespace {

template <typename T>
constexpr bool kIsNumber = std::is_same_v<T, int64_t> || std::is_same_v<T, double>;

/// Of two values of one type, or two numbers: the parser has seen to that.
template <typename Literal>
std::partial_ordering compare(const Value& found, const Literal& wanted) {
  return std::visit(
      [](const auto& a, const auto& b) -> std::partial_ordering {
        using A = std::decay_t<decltype(a)>;
        using B = std::decay_t<decltype(b)>;
        if constexpr (std::is_same_v<A, std::string_view> && std::is_same_v<B, std::string>) {
          return a <=> std::string_view(b);
        } else if constexpr (std::is_same_v<A, B>) {
          return a <=> b;
        } else if constexpr (kIsNumber<A> && kIsNumber<B>) {
          return static_cast<double>(a) <=> static_cast<double>(b);
        } else {
          return std::partial_ordering::unordered;
        }
      },
      found, wanted);
}

bool has(std::string_view set, std::string_view wanted) {
  for (size_t at = 0; at <= set.size();) {
    const size_t end = std::min(set.find('|', at), set.size());
    if (set.substr(at, end - at) == wanted) return !wanted.empty();
    at = end + 1;
  }
  return false;
}

}  // namespace

std::vector<size_t> Where::columns() const {
  std::vector<size_t> columns;
  for (const Test& test : tests_)
    if (test.kind > Kind::kNot) columns.push_back(test.column);
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  return columns;
}

std::optional<std::vector<std::string>> Where::members(size_t column) const {
  std::vector<std::string> members;
  for (const Test& test : tests_) {
    if (test.kind <= Kind::kNot || test.column != column) continue;
    if (test.kind != Kind::kHas) return std::nullopt;
    members.push_back(std::get<std::string>(test.values.front()));
  }
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  return members;
}

bool Where::admits(const Row& row) const {
  return all() || holds(tests_.back(), row);
}

std::optional<bool> Where::decides(const Row& row, size_t column,
                                   absl::FunctionRef<bool(const std::string&)> is_open) const {
  if (all()) return true;
  return decides(tests_.back(), {row, column, is_open});
}

std::optional<bool> Where::decides(const Test& test, const Open& open) const {
  const auto both = [&](bool stronger) -> std::optional<bool> {
    const std::optional<bool> left = decides(tests_[test.left], open), right = decides(tests_[test.right], open);
    if (left == stronger || right == stronger) return stronger;
    if (!left || !right) return std::nullopt;
    return !stronger;
  };
  switch (test.kind) {
    case Kind::kOr:
      return both(true);
    case Kind::kAnd:
      return both(false);
    case Kind::kNot: {
      const std::optional<bool> one = decides(tests_[test.left], open);
      return one ? std::optional(!*one) : std::nullopt;
    }
    default: {
      const bool asks = test.kind == Kind::kHas && test.column == open.column;
      if (asks && open.is_open(std::get<std::string>(test.values.front()))) return std::nullopt;
      return holds(test, open.row);
    }
  }
}

bool Where::holds(const Test& test, const Row& row) const {
  const auto text = [&] { return std::get<std::string_view>(row.at(test.column)); };
  switch (test.kind) {
    case Kind::kOr:
      return holds(tests_[test.left], row) || holds(tests_[test.right], row);
    case Kind::kAnd:
      return holds(tests_[test.left], row) && holds(tests_[test.right], row);
    case Kind::kNot:
      return !holds(tests_[test.left], row);
    case Kind::kEqual:
    case Kind::kIn:
      return std::any_of(test.values.begin(), test.values.end(),
                         [&](const Literal& value) { return std::is_eq(compare(row.at(test.column), value)); });
    case Kind::kLess:
      return std::is_lt(compare(row.at(test.column), test.values.front()));
    case Kind::kLessOrEqual:
      return std::is_lteq(compare(row.at(test.column), test.values.front()));
    case Kind::kLike:
      return re2::RE2::FullMatch(re2::StringPiece(text().data(), text().size()), *test.like);
    case Kind::kHas:
      return has(text(), std::get<std::string>(test.values.front()));
  }
  return false;
}

}  // namespace harvest::corpus

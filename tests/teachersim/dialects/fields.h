#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace teachersim {

/// What is wrong with a request: thrown while a body is read, caught by the dialect that began the reading, which words
/// it as its vendor does.
struct Mistake {
  std::string where;  // "tools.0.name"; empty: the body as a whole
  std::string what;
};

/// One JSON object of a request, read as strictly as vendors read it: a field of the wrong type, or out of range, is a
/// Mistake. Absent and null are the same. Points into the parsed body, which outlives it.
class Fields {
 public:
  explicit Fields(const boost::json::object& object, std::string where = {})
      : object_(object), where_(std::move(where)) {}
  /// The fields of something that must be an object.
  Fields(const boost::json::value& value, std::string where);

  const boost::json::value* find(std::string_view name) const;  // null when absent
  bool has(std::string_view name) const { return find(name) != nullptr; }
  const boost::json::value& required(std::string_view name) const;

  std::string_view text(std::string_view name) const;  // empty when absent
  std::string_view required_text(std::string_view name) const;
  bool flag(std::string_view name, bool otherwise = false) const;
  std::int64_t integer(std::string_view name, std::int64_t otherwise, std::int64_t least, std::int64_t most) const;
  void check_range(std::string_view name, double least, double most) const;
  std::vector<std::string> strings(std::string_view name, std::size_t most) const;
  /// Empty when absent.
  const boost::json::array& list(std::string_view name) const;
  Fields part(std::string_view name) const;  // no fields when absent

  /// One of these words, or empty when absent.
  std::string_view word(std::string_view name, std::initializer_list<std::string_view> words) const;
  /// A Mistake about the first field that is none of these.
  void only(std::initializer_list<std::string_view> names, const std::string& complaint) const;

  std::string where(std::string_view name) const;
  std::string where(std::string_view name, std::size_t index) const;
  [[noreturn]] void fail(std::string_view name, std::string what) const;
  const boost::json::object& object() const { return object_; }

 private:
  const boost::json::object& object_;
  const std::string where_;
};

/// The body of a request; a Mistake unless it is a JSON object.
boost::json::object parse_object(std::string_view body);

}  // namespace teachersim

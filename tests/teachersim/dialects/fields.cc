#include "tests/teachersim/dialects/fields.h"

#include <algorithm>

namespace teachersim {
namespace {

namespace json = boost::json;

const json::object kNoFields;
const json::array kNothing;

const json::object& object_of(const json::value& value, const std::string& where) {
  const json::object* object = value.if_object();
  if (object == nullptr) throw Mistake{where, "Input should be an object"};
  return *object;
}

std::string quoted_list(std::initializer_list<std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) list.append(list.empty() ? "'" : ", '").append(word).append("'");
  return list;
}

}  // namespace

Fields::Fields(const json::value& value, std::string where)
    : object_(object_of(value, where)), where_(std::move(where)) {}

const json::value* Fields::find(std::string_view name) const {
  const json::value* field = object_.if_contains(name);
  return field == nullptr || field->is_null() ? nullptr : field;
}

const json::value& Fields::required(std::string_view name) const {
  const json::value* field = find(name);
  if (field == nullptr) fail(name, "Field required");
  return *field;
}

std::string_view Fields::text(std::string_view name) const {
  const json::value* field = find(name);
  if (field == nullptr) return {};
  if (!field->is_string()) fail(name, "Input should be a valid string");
  return field->get_string();
}

std::string_view Fields::required_text(std::string_view name) const {
  required(name);
  const std::string_view found = text(name);
  if (found.empty()) fail(name, "String should have at least 1 character");
  return found;
}

bool Fields::flag(std::string_view name, bool otherwise) const {
  const json::value* field = find(name);
  if (field == nullptr) return otherwise;
  if (!field->is_bool()) fail(name, "Input should be a valid boolean");
  return field->get_bool();
}

std::int64_t Fields::integer(std::string_view name, std::int64_t otherwise, std::int64_t least,
                             std::int64_t most) const {
  const json::value* field = find(name);
  if (field == nullptr) return otherwise;
  boost::system::error_code inexact;
  const auto value = field->is_number() ? field->to_number<std::int64_t>(inexact) : 0;
  if (!field->is_number() || inexact) fail(name, "Input should be a valid integer");
  if (value < least) fail(name, "Input should be greater than or equal to " + std::to_string(least));
  if (value > most) fail(name, "Input should be less than or equal to " + std::to_string(most));
  return value;
}

void Fields::check_range(std::string_view name, double least, double most) const {
  const json::value* field = find(name);
  if (field == nullptr) return;
  if (!field->is_number()) fail(name, "Input should be a valid number");
  const auto value = field->to_number<double>();
  auto bound = [](double number) { return std::to_string(static_cast<std::int64_t>(number)); };
  if (value < least) fail(name, "Input should be greater than or equal to " + bound(least));
  if (value > most) fail(name, "Input should be less than or equal to " + bound(most));
}

std::vector<std::string> Fields::strings(std::string_view name, std::size_t most) const {
  std::vector<std::string> found;
  for (const json::value& one : list(name)) {
    if (!one.is_string()) throw Mistake{where(name, found.size()), "Input should be a valid string"};
    found.emplace_back(one.get_string());
  }
  if (found.size() > most) fail(name, "List should have at most " + std::to_string(most) + " items");
  return found;
}

const json::array& Fields::list(std::string_view name) const {
  const json::value* field = find(name);
  if (field == nullptr) return kNothing;
  if (!field->is_array()) fail(name, "Input should be a valid list");
  return field->get_array();
}

Fields Fields::part(std::string_view name) const {
  const json::value* field = find(name);
  return field == nullptr ? Fields(kNoFields, where(name)) : Fields(*field, where(name));
}

std::string_view Fields::word(std::string_view name, std::initializer_list<std::string_view> words) const {
  const std::string_view found = text(name);
  if (!has(name) || std::find(words.begin(), words.end(), found) != words.end()) return found;
  fail(name, "Input should be one of " + quoted_list(words));
}

void Fields::only(std::initializer_list<std::string_view> names, const std::string& complaint) const {
  for (const auto& [name, value] : object_) {
    if (std::find(names.begin(), names.end(), std::string_view(name)) == names.end()) fail(name, complaint);
  }
}

std::string Fields::where(std::string_view name) const {
  return where_.empty() ? std::string(name) : where_ + "." + std::string(name);
}

std::string Fields::where(std::string_view name, std::size_t index) const {
  return where(name) + "." + std::to_string(index);
}

void Fields::fail(std::string_view name, std::string what) const {
  throw Mistake{where(name), std::move(what)};
}

json::object parse_object(std::string_view body) {
  constexpr std::size_t kDepthMax = 200;
  json::error_code error;
  json::value parsed = json::parse(body, error, {}, json::parse_options{.max_depth = kDepthMax});
  if (error) throw Mistake{"", "The request body is not valid JSON: " + error.message()};
  if (!parsed.is_object()) throw Mistake{"", "The request body is not a JSON object"};
  return std::move(parsed.get_object());
}

}  // namespace teachersim

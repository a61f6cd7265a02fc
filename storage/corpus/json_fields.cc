#include "storage/corpus/json_fields.h"

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"

namespace harvest::corpus {
namespace {

namespace json = boost::json;

/// A file with thousands of equal mistakes is described well enough by the first ones.
constexpr size_t kMistakesMax = 20;

std::string kind_of(const json::value* value) {
  if (value == nullptr) return "nothing";
  if (value->is_string()) return "a text";
  if (value->is_number()) return "the number " + json::serialize(*value);
  if (value->is_bool()) return value->get_bool() ? "true" : "false";
  if (value->is_array()) return "a list";
  return value->is_object() ? "an object" : "null";
}

/// Boost reads a number that fits as int64; only larger ones come as uint64.
bool read_number(const json::value& value, uint64_t& number) {
  if (value.is_uint64())
    number = value.get_uint64();
  else if (value.is_int64() && value.get_int64() >= 0)
    number = static_cast<uint64_t>(value.get_int64());
  else
    return false;
  return true;
}

}  // namespace

const json::value* JsonFields::find(std::string_view key) const {
  return object_->if_contains(json::string_view(key.data(), key.size()));
}

void JsonFields::mistake(std::string_view key, std::string_view expected) {
  document_->note(
      absl::StrCat(path_, std::string(key), ": found ", kind_of(find(key)), ", expected ", std::string(expected)));
}

std::string JsonFields::text(std::string_view key) {
  const json::value* value = find(key);
  if (value != nullptr && value->is_string()) return std::string(value->get_string());
  mistake(key, "a text");
  return {};
}

uint64_t JsonFields::number(std::string_view key) {
  const json::value* value = find(key);
  uint64_t number = 0;
  if (value == nullptr || !read_number(*value, number)) mistake(key, "a whole number that is not negative");
  return number;
}

bool JsonFields::boolean(std::string_view key) {
  const json::value* value = find(key);
  if (value != nullptr && value->is_bool()) return value->get_bool();
  mistake(key, "true or false");
  return false;
}

std::vector<std::string> JsonFields::texts(std::string_view key) {
  std::vector<std::string> texts;
  const json::value* value = find(key);
  bool good = value != nullptr && value->is_array();
  if (good)
    for (const json::value& item : value->get_array()) {
      good = good && item.is_string();
      if (item.is_string()) texts.emplace_back(item.get_string());
    }
  if (!good) mistake(key, "a list of texts");
  return texts;
}

std::vector<std::pair<std::string, uint64_t>> JsonFields::numbers(std::string_view key) {
  std::vector<std::pair<std::string, uint64_t>> numbers;
  const json::value* value = find(key);
  bool good = value != nullptr && value->is_object();
  if (good)
    for (const auto& [name, item] : value->get_object()) {
      uint64_t number = 0;
      good = read_number(item, number) && good;
      numbers.emplace_back(std::string(name), number);
    }
  if (!good) mistake(key, "an object of whole numbers");
  return numbers;
}

std::vector<JsonFields> JsonFields::objects(std::string_view key) {
  std::vector<JsonFields> objects;
  const json::value* value = find(key);
  bool good = value != nullptr && value->is_array();
  if (good)
    for (const json::value& item : value->get_array()) {
      const std::string path = absl::StrCat(path_, std::string(key), "[", objects.size(), "].");
      good = good && item.is_object();
      if (item.is_object()) objects.push_back(JsonFields(*document_, item.get_object(), path));
    }
  if (!good) mistake(key, "a list of objects");
  return objects;
}

JsonDocument::JsonDocument(json::value value) : value_(std::make_unique<json::value>(std::move(value))) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

absl::StatusOr<JsonDocument> JsonDocument::parse(std::string_view text) {
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) return absl::InvalidArgumentError(absl::StrCat("not JSON: ", error.message()));
  if (!value.is_object())
    return absl::InvalidArgumentError(absl::StrCat("found ", kind_of(&value), ", expected an object"));
  return JsonDocument(std::move(value));
}

JsonFields JsonDocument::fields() {
  return JsonFields(*this, value_->get_object(), "");
}

void JsonDocument::note(std::string mistake) {
  if (++noted_ > kMistakesMax) return;
  if (!mistakes_.empty()) mistakes_ += '\n';
  mistakes_ += mistake;
}

}  // namespace harvest::corpus

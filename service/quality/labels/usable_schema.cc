#include "service/quality/labels/usable_schema.h"

#include <algorithm>

namespace harvest::quality {
namespace {

namespace json = boost::json;

constexpr size_t kDepthMax = 100;
constexpr int kLooksMax = 1000;

/// Without what needs the library's regular expressions.
void plain(json::value& value) {
  if (json::array* list = value.if_array())
    for (json::value& item : *list) plain(item);
  json::object* object = value.if_object();
  if (object == nullptr) return;
  for (const char* word : {"pattern", "format"})
    if (const json::value* text = object->if_contains(word); text != nullptr && text->is_string()) object->erase(word);
  // With the patterns of names goes the word on all other names.
  if (object->erase("patternProperties") > 0) object->erase("additionalProperties");
  for (auto& [key, item] : *object)
    if (key != "enum" && key != "const" && key != "default" && key != "examples") plain(item);
}

/// What a reference leads to, within the document.
const json::value* target_of(json::string_view reference, const json::value& document) {
  if (reference.empty() || reference[0] != '#') return nullptr;
  json::error_code error;
  return document.find_pointer(reference.substr(1), error);
}

/// How many subschemas look at a value that `schema` is held to, itself included, taken off `left`. False where they
/// are more than that, or a reference leads to none.
bool counts_out(const json::value& schema, const json::value& document, int& left) {
  if (--left < 0) return false;
  const json::object* object = schema.if_object();
  if (object == nullptr) return true;
  if (const json::value* reference = object->if_contains("$ref"); reference != nullptr && reference->is_string()) {
    const json::value* target = target_of(reference->get_string(), document);
    return target != nullptr && counts_out(*target, document, left);
  }
  for (const char* word : {"allOf", "anyOf", "oneOf", "not", "if", "then", "else"}) {
    const json::value* held = object->if_contains(word);
    if (held == nullptr) continue;
    if (const json::array* list = held->if_array()) {
      for (const json::value& one : *list)
        if (!counts_out(one, document, left)) return false;
    } else if (!counts_out(*held, document, left)) {
      return false;
    }
  }
  const json::value* dependencies = object->if_contains("dependencies");
  if (dependencies == nullptr || !dependencies->is_object()) return true;
  for (const auto& [key, one] : dependencies->get_object())
    if (!counts_out(one, document, left)) return false;
  return true;
}

bool all_count_out(const json::value& value, const json::value& document) {
  int left = kLooksMax;
  if (!counts_out(value, document, left)) return false;
  const auto count_out = [&](const json::value& item) { return all_count_out(item, document); };
  if (const json::array* list = value.if_array()) return std::all_of(list->begin(), list->end(), count_out);
  const json::object* object = value.if_object();
  return object == nullptr ||
         std::all_of(object->begin(), object->end(), [&](const auto& item) { return count_out(item.value()); });
}

}  // namespace

std::optional<json::value> read_json(std::string_view text) {
  json::error_code error;
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error) return std::nullopt;
  return value;
}

std::optional<json::value> usable_schema(std::string_view text) {
  std::optional<json::value> document = read_json(text);
  if (!document) return std::nullopt;
  plain(*document);
  if (!all_count_out(*document, *document)) return std::nullopt;
  return document;
}

}  // namespace harvest::quality

#include "storage/proof/json_members.h"

namespace harvest::proof {
namespace {

constexpr size_t kDepthMax = 64;

}  // namespace

absl::StatusOr<simdjson::dom::element> JsonMembers::find(std::string_view name) const {
  simdjson::dom::element found;
  size_t count = 0;
  for (const auto& [key, value] : object_) {
    if (key != name) continue;
    found = value;
    ++count;
  }
  if (count == 0) return absl::InvalidArgumentError(place_ + ": expected the member " + std::string(name));
  if (count > 1) return mistake(name, "it once, found it " + std::to_string(count) + " times");
  return found;
}

absl::StatusOr<std::string_view> JsonMembers::text(std::string_view name) const {
  const auto value = find(name);
  if (!value.ok()) return value.status();
  std::string_view text;
  if (value->get(text) != simdjson::SUCCESS) return mistake(name, "a text");
  return text;
}

absl::StatusOr<JsonMembers> JsonMembers::object(std::string_view name) const {
  const auto value = find(name);
  if (!value.ok()) return value.status();
  simdjson::dom::object object;
  if (value->get(object) != simdjson::SUCCESS) return mistake(name, "an object");
  return JsonMembers(object, place_ + "." + std::string(name));
}

absl::StatusOr<std::vector<JsonMembers>> JsonMembers::objects(std::string_view name, size_t count_max) const {
  const auto value = find(name);
  if (!value.ok()) return value.status();
  simdjson::dom::array array;
  if (value->get(array) != simdjson::SUCCESS) return mistake(name, "a list");
  std::vector<JsonMembers> objects;
  for (const simdjson::dom::element element : array) {
    const std::string place = std::string(name) + "[" + std::to_string(objects.size()) + "]";
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return mistake(place, "an object");
    if (objects.size() == count_max) return mistake(name, "at most " + std::to_string(count_max));
    objects.push_back(JsonMembers(object, place_ + "." + place));
  }
  return objects;
}

absl::StatusOr<std::string> JsonMembers::object_json(std::string_view name) const {
  const auto members = object(name);
  if (!members.ok()) return members.status();
  return std::string(simdjson::minify(members->object_));
}

absl::Status JsonMembers::mistake(std::string_view name, std::string_view expected) const {
  return absl::InvalidArgumentError(place_ + "." + std::string(name) + ": expected " + std::string(expected));
}

absl::StatusOr<JsonText> JsonText::parse(std::string what, std::string_view json, size_t bytes_max) {
  if (json.size() > bytes_max)
    return absl::InvalidArgumentError(what + ": expected at most " + std::to_string(bytes_max) + " bytes, found " +
                                      std::to_string(json.size()));
  JsonText text(std::move(what));
  simdjson::error_code error = text.parser_->allocate(json.size(), kDepthMax);
  if (error == simdjson::SUCCESS) error = text.parser_->parse(json.data(), json.size()).get(text.root_);
  if (error != simdjson::SUCCESS)
    return absl::InvalidArgumentError(text.what_ + ": expected JSON, found " + simdjson::error_message(error));
  return text;
}

absl::StatusOr<JsonMembers> JsonText::members() const {
  simdjson::dom::object object;
  if (root_.get(object) != simdjson::SUCCESS)
    return absl::InvalidArgumentError(what_ + ": expected an object at the top");
  return JsonMembers(object, what_);
}

}  // namespace harvest::proof

#pragma once

#include <simdjson.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace harvest::proof {

/// One JSON object whose members are asked for by name. A member that is asked for stands there once: readers differ in
/// which of two they take, and so may those who signed and those who check. Errors name place, found and expected.
/// Lives no longer than its JsonText.
class JsonMembers {
 public:
  absl::StatusOr<std::string_view> text(std::string_view name) const;
  absl::StatusOr<JsonMembers> object(std::string_view name) const;
  absl::StatusOr<std::vector<JsonMembers>> objects(std::string_view name, size_t count_max) const;
  /// An object as JSON without spaces.
  absl::StatusOr<std::string> object_json(std::string_view name) const;

  absl::Status mistake(std::string_view name, std::string_view expected) const;

 private:
  friend class JsonText;
  JsonMembers(simdjson::dom::object object, std::string place) : object_(object), place_(std::move(place)) {}
  absl::StatusOr<simdjson::dom::element> find(std::string_view name) const;

  simdjson::dom::object object_;
  std::string place_;  // "envelope" or "envelope.signatures[0]"
};

/// A text that is one JSON object, in UTF-8, of bounded size and depth.
class JsonText {
 public:
  /// `what` names it in errors.
  static absl::StatusOr<JsonText> parse(std::string what, std::string_view json, size_t bytes_max);
  absl::StatusOr<JsonMembers> members() const;

 private:
  explicit JsonText(std::string what) : what_(std::move(what)), parser_(std::make_unique<simdjson::dom::parser>()) {}

  std::string what_;
  std::unique_ptr<simdjson::dom::parser> parser_;  // holds the document
  simdjson::dom::element root_;
};

}  // namespace harvest::proof
